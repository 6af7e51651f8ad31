// Where to forecast from when a model is judged as it would be used: again and again, a fixed stretch apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/split.h"
#include "data/windows.h"

namespace carousel {

/// One origin, in all series that have it.
struct RollingOrigin {
  /// Rows of the test part after it: the same in every series.
  std::size_t rows_left = 0;
  std::optional<std::int64_t> time;  ///< of the last known row, where it is the same in every series
  std::vector<Window> windows;
};

/// `origins` of them, the oldest first: in each series the last lies `horizon` rows before the end of its
/// test part, each other `stride` (0: horizon) before the next. Tashman, 2000, "Out-of-sample tests of
/// forecasting accuracy: an analysis and review"; the model stays what it is. A series whose test part is too
/// short for an origin is left out of it. Throws SettingError, naming how many would fit, where all are.
std::vector<RollingOrigin> rolling_origins(const SeriesSet& set, std::span<const Split> splits,
                                           std::size_t horizon, std::size_t origins, std::size_t stride);

}  // namespace carousel
