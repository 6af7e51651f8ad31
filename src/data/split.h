// Training, validation and test part of a series: one after the other in time.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "data/series.h"

namespace carousel {

/// Rows [begin, end).
struct Range {
  std::size_t begin = 0, end = 0;
  std::size_t size() const noexcept { return end - begin; }
  bool operator==(const Range&) const = default;
};

/// The three parts; validation and test may be empty.
struct Split {
  Range train, validation, test;
  bool operator==(const Split&) const = default;
};

/// Parts of the length; they sum to at most 1 (what is left at the end is unused).
struct SplitFractions {
  double train = 0.7, validation = 0.1, test = 0.2;
};
/// Rows from the start of the series; what is left at the end is unused.
struct SplitCounts {
  std::size_t train, validation, test;
};
/// Rows at the end of the series; training takes all before.
struct SplitLast {
  std::size_t validation, test;
};
using SplitRule = std::variant<SplitFractions, SplitCounts, SplitLast>;

/// Whether it is to leave anything for the test.
inline bool has_test(const SplitRule& rule) {
  return std::visit([](const auto& parts) { return parts.test > 0; }, rule);
}

/// "0.7,0.1,0.2" fractions; "8640,2880,2880" counts; "12,24" the last 24 rows for the test and the 12 before
/// for validation; "24" the same as "24,24". Throws SettingError.
SplitRule parse_split(std::string_view text);
/// The text that parse_split reads.
std::string to_string(const SplitRule& rule);

/// The parts of a series of so many rows. Fractions round down for train and validation; when they sum to 1
/// the test part takes the rest. Throws DataError when there are fewer rows than asked for; rows are called
/// `what` then.
Split split_rows(std::size_t rows, const SplitRule& rule, std::string_view what = "rows");

/// The parts of every series of a set. Throws DataError when no series has a training part of context +
/// horizon rows, or when the validation or test part is wanted and no series has `horizon` rows in it, naming
/// the longest one, the rows it has and how many are needed.
std::vector<Split> split_series(const SeriesSet& set, const SplitRule& rule, std::size_t context,
                                std::size_t horizon);

}  // namespace carousel
