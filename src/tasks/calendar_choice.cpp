#include "tasks/calendar_choice.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace carousel {
namespace {

/// Values compared at most in each series: evenly spaced rows.
constexpr std::size_t kMostRows = 10000;

/// A cycle and about half of it, in steps; 0: the frequency has no such cycle.
struct Cycle {
  std::size_t whole = 0, half = 0;
};

Cycle cycle_of(CalendarFeature feature, const Frequency& frequency) {
  constexpr std::int64_t kDay = 86400;
  const auto steps = [&](std::int64_t cycle) { return static_cast<std::size_t>(cycle / frequency.count); };
  if (frequency.unit == Frequency::Unit::months) return {steps(12), steps(6)};
  switch (feature) {
    case CalendarFeature::hour_of_day:
      return {steps(kDay), steps(kDay / 2)};
    case CalendarFeature::day_of_week:
      return {steps(7 * kDay), steps(4 * kDay)};
    case CalendarFeature::day_of_year:
      return {steps(365 * kDay), steps(183 * kDay)};
    case CalendarFeature::month_of_year:
      break;
  }
  return {};
}

/// Mean of |v[row] - v[row - lag]| over rows of a training part that have a whole cycle behind them; NaN:
/// none.
double mean_difference(const Column<double>& values, Range rows, std::size_t cycle, std::size_t lag) {
  double sum = 0, count = 0;
  const std::size_t first = rows.begin + cycle, stride = (rows.end - first) / kMostRows + 1;
  for (std::size_t row = first; row < rows.end; row += stride) {
    const double difference = std::abs(values[row] - values[row - lag]);
    if (std::isnan(difference)) continue;
    sum += difference;
    ++count;
  }
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / count;
}

/// Decided by the majority of series and targets.
bool shows(const SeriesSet& set, std::span<const Split> splits, const Cycle& cycle) {
  constexpr std::size_t kTimes = 3;
  constexpr double kNearer = 0.95;  // noise alone gives 1, within a percent or two
  std::size_t asked = 0, yes = 0;
  if (cycle.half == 0) return false;
  for (std::size_t s = 0; s < set.series.size(); ++s) {
    if (splits[s].train.size() / cycle.whole < kTimes) continue;
    for (std::size_t k = 0; k < set.targets; ++k) {
      const Column<double>& values = set.series[s].columns[k];
      const double whole = mean_difference(values, splits[s].train, cycle.whole, cycle.whole);
      const double half = mean_difference(values, splits[s].train, cycle.whole, cycle.half);
      ++asked;
      yes += whole < kNearer * half ? 1 : 0;
    }
  }
  return 2 * yes > asked;
}

}  // namespace

std::vector<CalendarFeature> choose_calendar(const SeriesSet& set, std::span<const Split> splits) {
  std::vector<CalendarFeature> features = calendar_features(set.frequency);
  std::erase_if(features, [&](CalendarFeature feature) {
    return !shows(set, splits, cycle_of(feature, set.frequency));
  });
  return features;
}

}  // namespace carousel
