// Which calendar features a forecast gets when nobody says.
#pragma once

#include <span>
#include <vector>

#include "data/calendar.h"
#include "data/series.h"
#include "data/split.h"

namespace carousel {

/// Those of calendar_features() whose cycle shows in the training parts: they hold at least three of it (from
/// one or two a network learns what happened then and not what happens every time), and values of the targets
/// are nearer (by 5 %, in mean absolute difference) to those one cycle before than to those half a cycle
/// (whole days for weeks and years) before.
std::vector<CalendarFeature> choose_calendar(const SeriesSet& set, std::span<const Split> splits);

}  // namespace carousel
