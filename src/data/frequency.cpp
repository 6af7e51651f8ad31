#include "data/frequency.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace carousel {
namespace {

constexpr std::int64_t kDay = 86400;

struct Moment {
  CivilDate date;
  std::int64_t second_of_day;
  std::int64_t month() const noexcept { return date.year * 12 + date.month - 1; }
  bool at_month_end() const noexcept { return date.day == days_in_month(date.year, date.month); }
};

Moment moment(std::int64_t seconds) noexcept {
  const std::int64_t second_of_day = (seconds % kDay + kDay) % kDay;
  return {civil_from_days((seconds - second_of_day) / kDay), second_of_day};
}

/// Whole months between all rows, as far as the axes seen so far allow it.
struct MonthRule {
  bool same_day = true, month_end = true;
  std::int64_t divisor = 0;

  bool possible() const noexcept { return same_day || month_end; }
  void look_at(const Column<std::int64_t>& axis) noexcept {
    const Moment first = moment(axis[0]);
    std::int64_t before = first.month();
    month_end = month_end && first.at_month_end();
    for (std::size_t i = 1; i < axis.size() && possible(); ++i) {
      const Moment now = moment(axis[i]);
      const bool same_time = now.second_of_day == first.second_of_day && now.month() != before;
      same_day = same_day && same_time && now.date.day == first.date.day;
      month_end = month_end && same_time && now.at_month_end();
      divisor = std::gcd(divisor, now.month() - before);
      before = now.month();
    }
  }
};

/// Distances in seconds between neighbouring rows.
struct SecondsRule {
  std::int64_t smallest = std::numeric_limits<std::int64_t>::max(), divisor = 0;
  /// The one value that more than half can have, by majority vote (Boyer and Moore, 1981).
  std::int64_t majority = 0, votes = 0;

  void look_at(const Column<std::int64_t>& axis) noexcept {
    for (std::size_t i = 1; i < axis.size(); ++i) {
      const std::int64_t distance = axis[i] - axis[i - 1];
      smallest = std::min(smallest, distance);
      // A divisor that divides needs no Euclid.
      if (divisor == 0 || distance % divisor != 0) divisor = std::gcd(divisor, distance);
      if (votes == 0) majority = distance;
      votes += distance == majority ? 1 : -1;
    }
  }
  std::int64_t step() const noexcept { return divisor == smallest ? smallest : majority; }
};

}  // namespace

Frequency find_frequency(std::span<const Column<std::int64_t>* const> axes) {
  MonthRule months;
  SecondsRule seconds;
  for (const Column<std::int64_t>* const axis : axes) {
    if (axis->size() < 2) continue;
    if (months.possible()) months.look_at(*axis);
    seconds.look_at(*axis);
  }
  if (seconds.divisor == 0) return {};
  if (months.possible()) return {Frequency::Unit::months, months.divisor, months.month_end};
  return {Frequency::Unit::seconds, seconds.step()};
}

std::optional<std::int64_t> steps_between(std::int64_t start, std::int64_t time, const Frequency& frequency) {
  std::int64_t steps = 0;
  if (frequency.unit == Frequency::Unit::months) {
    steps = (moment(time).month() - moment(start).month()) / frequency.count;
  } else if (frequency.unit == Frequency::Unit::seconds) {
    steps = (time - start) / frequency.count;
  }
  if (frequency.advance(start, steps) != time) return std::nullopt;
  return steps;
}

}  // namespace carousel
