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

/// Wrong symbols over all rows of a part; not set where the network gives no numbers.
std::optional<std::uint64_t> errors_with(double bonus, const SequenceModel& model, const SequencePart& part,
                                         ThreadPool& pool) {
  EditCounts all;
  const auto count = [&](const RowReading& one) {
    std::vector<std::string> read;
    for (const ReadSymbol& symbol : one.reading.symbols) read.push_back(symbol.symbol);
    all += count_edits(symbols_of(model.coding, part, one.row), read);
  };
  if (!try_each_reading(model, part, {.symbol_bonus = bonus}, pool, count)) return std::nullopt;
  return all.distance();
}

}  // namespace

double find_symbol_bonus(const SequenceModel& model, const SequenceData& data, ThreadPool& pool) {
  const SequencePart& part = data.validation.empty() ? data.train : data.validation;
  std::vector<std::uint64_t> errors;
  // Once symbols are invented everywhere, a larger bonus makes it worse, and the search long.
  while (errors.size() <= kSteps && (errors.empty() || errors.back() <= errors.front())) {
    const auto wrong = errors_with(kStep * static_cast<double>(errors.size()), model, part, pool);
    if (!wrong) return 0;
    errors.push_back(*wrong);
  }
  const auto first = std::ranges::min_element(errors);
  const auto last = std::find_if(first, errors.end(), [&](std::uint64_t e) { return e != *first; }) - 1;
  return kStep * static_cast<double>((first - errors.begin()) + (last - errors.begin())) / 2;
}

}  // namespace carousel
