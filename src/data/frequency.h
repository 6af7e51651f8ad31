// The step of a time axis, found out from its time stamps.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "data/column.h"
#include "data/time_stamp.h"

namespace carousel {

/// The step that all given axes, each strictly ascending, could share. Whole months when in each the time of
/// day and the day of the month stay the same (or are always the month's last): the greatest common divisor
/// of the distances. Otherwise the smallest distance, if all are multiples of it; if not, one that more than
/// half of them have, if there is one, so that it is the odd rows that do not fit. Unit none when no axis has
/// two time stamps.
Frequency find_frequency(std::span<const Column<std::int64_t>* const> axes);

/// The n with frequency.advance(start, n) == time, if there is one.
std::optional<std::int64_t> steps_between(std::int64_t start, std::int64_t time, const Frequency& frequency);

}  // namespace carousel
