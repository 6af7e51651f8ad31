// What a network's outputs are added to: the known values that a naive forecast would repeat.
#pragma once

#include <cstddef>
#include <span>

#include "data/windows.h"
#include "tasks/forecast_settings.h"

namespace carousel {

/// Values of scaled targets at or before a row. Looks back over missing ones, but no further than reach()
/// rows, so that a stream needs to keep no more.
class Anchors {
 public:
  /// kind must not be automatic. season may be 0 unless kind is seasonal.
  Anchors(Anchor kind, std::size_t season, std::size_t steps) : kind_(kind), season_(season), steps_(steps) {}

  /// out[j * targets + k]: the anchor of target k at row t + 1 + j, known at row t, 0 <= j < steps. none: 0.
  /// last: the last value. seasonal: the value one season before that row, or as many seasons as it takes to
  /// be known. NaN where there is none.
  void at(const Windows& windows, std::size_t series, std::size_t t, std::span<float> out) const;
  /// The same for a forecast, which has to be made whatever is missing: a seasonal anchor that is not there
  /// is replaced by the last value, and that by 0, the middle of the training part.
  void at_or_near(const Windows& windows, std::size_t series, std::size_t t, std::span<float> out) const;

  /// For a recursive forecast (steps 1): out[k], the anchor of row origin + 1 + j, where the rows after
  /// origin are those predicted so far: predicted[i * targets + k] is row origin + 1 + i, i < j.
  void ahead(const Windows& windows, std::size_t series, std::size_t origin, std::size_t j,
             std::span<const float> predicted, std::span<float> out) const;

  /// Whether outputs are relative to anything; then inputs are as well (RelativeInputs).
  bool relative() const noexcept { return kind_ != Anchor::none; }

  /// Rows at and before t that at() may look at.
  std::size_t reach() const noexcept { return kLookBack + (season_ + steps_) * Windows::kCyclesBack; }

 private:
  static constexpr std::size_t kLookBack = 64;
  float last(const Windows& windows, std::size_t series, std::size_t t, std::size_t k) const;
  float seasonal(const Windows& windows, std::size_t series, std::size_t t, std::size_t j,
                 std::size_t k) const;

  Anchor kind_;
  std::size_t season_, steps_;
};

}  // namespace carousel
