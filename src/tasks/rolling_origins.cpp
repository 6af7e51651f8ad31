#include "tasks/rolling_origins.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

namespace carousel {
namespace {

/// The window of a test part that has so many rows left after its origin; nothing where it is too short. The
/// row before the test part is an origin too: all of the test part comes after it.
std::optional<Window> window_of(std::size_t series, const Range& test, std::size_t rows_left) {
  if (test.size() < rows_left || test.end <= rows_left) return std::nullopt;
  return Window{series, test.end - rows_left - 1, test.end};
}

void take_time(const SeriesSet& set, RollingOrigin& origin) {
  if (!set.frequency) return;
  const auto time = [&](const Window& window) {
    return set.time(window.series, static_cast<std::int64_t>(window.origin));
  };
  const std::int64_t first = time(origin.windows[0]);
  if (std::ranges::all_of(origin.windows, [&](const Window& window) { return time(window) == first; }))
    origin.time = first;
}

}  // namespace

std::vector<RollingOrigin> rolling_origins(const SeriesSet& set, std::span<const Split> splits,
                                           std::size_t horizon, std::size_t origins, std::size_t stride) {
  const std::size_t step = stride == 0 ? horizon : stride;
  std::size_t longest = 0;
  for (const Split& split : splits) longest = std::max(longest, split.test.size());
  const std::size_t possible = longest < horizon ? 0 : (longest - horizon) / step + 1;
  if (origins > possible)
    throw SettingError(fmt::format(
        "origins: {} of them, {} rows apart with {} more for the last forecast, need {} rows, and "
        "the longest test part of {} has {}; at most {} fit, or a smaller stride",
        origins, step, horizon, (origins - 1) * step + horizon, set.source, longest, possible));
  std::vector<RollingOrigin> all;
  for (std::size_t n = origins; n-- > 0;) {
    RollingOrigin& origin = all.emplace_back();
    origin.rows_left = horizon + n * step;
    for (std::size_t s = 0; s < splits.size(); ++s)
      if (const auto window = window_of(s, splits[s].test, origin.rows_left))
        origin.windows.push_back(*window);
    if (!origin.windows.empty()) take_time(set, origin);
  }
  return all;
}

}  // namespace carousel
