#include "data/series_append.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <unordered_map>

#include "carousel/error.h"
#include "data/cells.h"

namespace carousel {
namespace {

std::string who(const Series& series) {
  return series.id.empty() ? std::string("the series") : fmt::format("series '{}'", shown(series.id));
}

void check_start(const SeriesSet& set, std::size_t number, const SeriesSet& more, const Series& next) {
  if (!set.frequency) return;
  const auto end = static_cast<std::int64_t>(set.series[number].length);
  const std::int64_t expected = set.time(number, end);
  if (next.start != expected)
    throw DataError(fmt::format("{}: {} begins at {}, expected {}, one step after its last row in {}",
                                more.source, who(next), format_time(next.start), format_time(expected),
                                set.source));
}

/// `end` rows of one column, then all of another.
Column<double> joined(const Column<double>& first, std::size_t end, const Column<double>& second) {
  Column<double> result;
  for (std::size_t row = 0; row < end; ++row)
    result.push_back(row < first.size() ? first[row] : std::numeric_limits<double>::quiet_NaN());
  for (std::size_t row = 0; row < second.size(); ++row) result.push_back(second[row]);
  return result;
}

}  // namespace

std::vector<std::size_t> append_series(SeriesSet& set, const SeriesSet& more) {
  if (set.names != more.names || !(set.frequency == more.frequency))
    throw Error("[append_series] expected series of the same columns and frequency");
  std::vector<std::size_t> lengths;
  std::unordered_map<std::string_view, std::size_t> numbers;
  for (std::size_t s = 0; s < set.series.size(); ++s) {
    lengths.push_back(set.series[s].length);
    numbers.emplace(set.series[s].id, s);
  }
  for (const Series& next : more.series) {
    const auto found = numbers.find(next.id);
    if (found == numbers.end())
      throw DataError(
          fmt::format("{}: {} is not in {}, expected the same series", more.source, who(next), set.source));
    Series& series = set.series[found->second];
    check_start(set, found->second, more, next);
    for (std::size_t c = 0; c < series.columns.size(); ++c)
      series.columns[c] = joined(series.columns[c], series.length, next.columns[c]);
    series.length += next.length;
  }
  return lengths;
}

}  // namespace carousel
