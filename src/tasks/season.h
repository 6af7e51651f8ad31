// The cycle that a frequency suggests.
#pragma once

#include <cstddef>

#include "data/time_stamp.h"

namespace carousel {

/// Steps of a year for months and quarters (12, 4) and for steps of 7 to 60 days (weekly 52), of a week for
/// days (7), of a day for steps of a minute up to a day (hourly 24, half-hourly 48), of an hour for shorter
/// ones. 0: none, where the cycle is not a whole number of steps, or of less than two, or there is no
/// frequency.
std::size_t season_of(const Frequency& frequency) noexcept;

}  // namespace carousel
