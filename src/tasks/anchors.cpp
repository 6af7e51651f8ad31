#include "tasks/anchors.h"

#include <cmath>
#include <limits>

namespace carousel {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

float scaled(const Windows& windows, std::size_t series, std::size_t row, std::size_t k) {
  return static_cast<float>(windows.scalers(series)[k].apply(windows.set().series[series].columns[k][row]));
}

}  // namespace

float Anchors::last(const Windows& windows, std::size_t series, std::size_t t, std::size_t k) const {
  for (std::size_t back = 0; back <= t && back < kLookBack; ++back) {
    const float value = scaled(windows, series, t - back, k);
    if (!std::isnan(value)) return value;
  }
  return kNone;
}

float Anchors::seasonal(const Windows& windows, std::size_t series, std::size_t t, std::size_t j,
                        std::size_t k) const {
  // The fewest seasons that lead from t + 1 + j to t or before.
  const std::size_t back = (j / season_ + 1) * season_;
  return windows.target_before(series, k, t + 1 + j, back, season_);
}

void Anchors::at(const Windows& windows, std::size_t series, std::size_t t, std::span<float> out) const {
  const std::size_t targets = windows.set().targets;
  for (std::size_t k = 0; k < targets; ++k) {
    const float same = kind_ == Anchor::last ? last(windows, series, t, k) : 0.0F;
    for (std::size_t j = 0; j < steps_; ++j)
      out[j * targets + k] = kind_ == Anchor::seasonal ? seasonal(windows, series, t, j, k) : same;
  }
}

void Anchors::at_or_near(const Windows& windows, std::size_t series, std::size_t t,
                         std::span<float> out) const {
  at(windows, series, t, out);
  const std::size_t targets = windows.set().targets;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (std::isnan(out[i])) out[i] = last(windows, series, t, i % targets);
    if (std::isnan(out[i])) out[i] = 0.0F;
  }
}

void Anchors::ahead(const Windows& windows, std::size_t series, std::size_t origin, std::size_t j,
                    std::span<const float> predicted, std::span<float> out) const {
  const std::size_t targets = out.size();
  const std::size_t back = kind_ == Anchor::seasonal ? season_ : 1;
  for (std::size_t k = 0; k < targets; ++k) {
    out[k] = 0.0F;
    if (kind_ == Anchor::none) continue;
    if (j >= back) {
      out[k] = predicted[(j - back) * targets + k];
      continue;
    }
    // Seasonal: the row origin + 1 + j - season lies at or before the origin.
    float value = kind_ == Anchor::seasonal ? seasonal(windows, series, origin, j, k) : kNone;
    if (std::isnan(value)) value = last(windows, series, origin, k);
    if (!std::isnan(value)) out[k] = value;
  }
}

}  // namespace carousel
