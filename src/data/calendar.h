// What the clock and the calendar tell in advance, as points on a circle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/time_stamp.h"

namespace carousel {

/// Each gives two inputs: sine and cosine of its phase in its cycle.
enum class CalendarFeature { hour_of_day, day_of_week, day_of_year, month_of_year };

/// The features that change from step to step at a frequency: hour_of_day for steps under a day, day_of_week
/// up to a day, day_of_year up to a week (steps under 28 days), month_of_year for months and quarters. None
/// for years or without a frequency.
std::vector<CalendarFeature> calendar_features(const Frequency& frequency);

std::string_view name(CalendarFeature feature) noexcept;
/// The inverse; throws SettingError with the nearest name.
CalendarFeature parse_calendar_feature(std::string_view name);

/// out[2 i], out[2 i + 1] = sine, cosine of feature i at a time stamp.
void calendar_values(std::int64_t seconds, std::span<const CalendarFeature> features,
                     std::span<float> out) noexcept;

/// Sine and cosine of the angle 2 pi n / d, 0 <= n < d <= 2^32: the octant in integers, then a polynomial
/// with multiplications and additions only, so that the bits are the same on every machine. Error below
/// 2^-52.
struct CirclePoint {
  double sine, cosine;
};
CirclePoint circle_point(std::uint64_t n, std::uint64_t d) noexcept;

}  // namespace carousel
