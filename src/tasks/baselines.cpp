#include "tasks/baselines.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace carousel {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// The last row up to `row` that has a value; first - 1 if none has. All rows before first are missing.
std::size_t last_present(const ValueAt& value, std::size_t first, std::size_t row) {
  while (row + 1 > first && std::isnan(value(row))) {
    if (row == 0) break;
    --row;
  }
  return row;
}

double seasonal_value(const ValueAt& value, std::size_t first, std::size_t origin, std::size_t season,
                      std::size_t j) {
  for (std::size_t back = (j / season + 1) * season; back <= origin + 1 + j - first; back += season) {
    const double found = value(origin + 1 + j - back);
    if (!std::isnan(found)) return found;
  }
  return kNone;
}

}  // namespace

std::string_view name(Baseline baseline) noexcept {
  constexpr std::array<std::string_view, 3> kNames = {"naive", "seasonal naive", "drift"};
  return kNames[static_cast<std::size_t>(baseline)];
}

void forecast_baseline(Baseline baseline, const ValueAt& value, std::size_t first, std::size_t origin,
                       std::size_t season, std::span<double> out) {
  std::ranges::fill(out, kNone);
  if (origin < first) return;
  const std::size_t last = last_present(value, first, origin);
  const double level = value(last);
  const double slope = last > first ? (level - value(first)) / static_cast<double>(last - first) : 0;
  for (std::size_t j = 0; j < out.size(); ++j) {
    out[j] = level;
    if (baseline == Baseline::drift) out[j] = level + slope * static_cast<double>(origin + 1 + j - last);
    if (baseline != Baseline::seasonal_naive) continue;
    const double before = seasonal_value(value, first, origin, season, j);
    if (!std::isnan(before)) out[j] = before;
  }
}

}  // namespace carousel
