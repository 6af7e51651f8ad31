#include "tasks/season.h"

namespace carousel {

namespace {

constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86400, kWeek = 7 * kDay;

/// Steps of a cycle, if it is a whole number of at least two.
std::size_t steps(std::int64_t cycle, std::int64_t step) noexcept {
  return cycle % step == 0 && cycle / step > 1 ? static_cast<std::size_t>(cycle / step) : 0;
}

}  // namespace

std::size_t season_of(const Frequency& frequency) noexcept {
  const std::int64_t step = frequency.count;
  if (frequency.unit == Frequency::Unit::none || step <= 0) return 0;
  if (frequency.unit == Frequency::Unit::months) return steps(12, step);
  if (step < kMinute) return steps(kHour, step);
  if (step < kDay) return steps(kDay, step);
  if (step < kWeek) return steps(kWeek, step);
  if (step <= 60 * kDay)
    return static_cast<std::size_t>(365 * kDay / step);  // a year is never whole: round down
  return 0;
}

}  // namespace carousel
