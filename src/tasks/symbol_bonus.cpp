#include "tasks/symbol_bonus.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tasks/edit_distance.h"

namespace carousel {
namespace {

constexpr double kStep = 0.5;
constexpr std::size_t kSteps = 10;
constexpr std::size_t kMostExamples = 500;

/// Wrong symbols over all rows of a part; not set where the network gives no numbers.
std::optional<std::uint64_t> errors_with(double bonus, const SequenceModel& model, const SequencePart& part,
                                         ThreadPool& pool) {
  EditCounts all;
  try {
    for_each_reading(model, part, {.symbol_bonus = bonus}, pool, [&](const RowReading& one) {
      all += count_edits(symbols_of(model.coding, part, one.row), symbols_of(one.reading));
    });
  } catch (const NoNumbers&) {
    return std::nullopt;
  }
  return all.distance();
}

/// Evenly spaced ones, so that the search, many times over, takes no longer than training did.
SequencePart some_of(const SequencePart& all) {
  if (all.size() <= kMostExamples) return all;
  SequencePart some;
  for (std::size_t i = 0; i < kMostExamples; ++i) some.push_back(all[i * all.size() / kMostExamples]);
  return some;
}

/// Of the longest run of the fewest errors, the first of equally long ones.
std::size_t middle_of_fewest(const std::vector<std::uint64_t>& errors) {
  const std::uint64_t fewest = std::ranges::min(errors);
  std::size_t begin = 0, longest = 0;
  for (std::size_t at = 0; at < errors.size();) {
    std::size_t end = at;
    while (end < errors.size() && errors[end] == fewest) ++end;
    if (end - at > longest) begin = at, longest = end - at;
    at = end + 1;
  }
  return begin + (longest - 1) / 2;
}

}  // namespace

double find_symbol_bonus(const SequenceModel& model, const SequenceData& data, ThreadPool& pool) {
  const SequencePart part = some_of(data.validation.empty() ? data.train : data.validation);
  std::vector<std::uint64_t> errors;
  // Once symbols are invented everywhere, a larger bonus makes it worse, and the search long.
  while (errors.size() <= kSteps && (errors.empty() || errors.back() <= 2 * errors.front() + 2)) {
    const auto wrong = errors_with(kStep * static_cast<double>(errors.size()), model, part, pool);
    if (!wrong) return 0;
    errors.push_back(*wrong);
  }
  return kStep * static_cast<double>(middle_of_fewest(errors));
}

}  // namespace carousel
