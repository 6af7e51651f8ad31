// The inputs of a forecast network that is anchored: free of level.
#pragma once

#include <cstddef>
#include <span>

#include "data/windows.h"

namespace carousel {

/// The inputs of Windows, in which each target is taken relative to the first value it has in its window, so
/// that a level never met in training looks like one that was. Keeps a reference.
class RelativeInputs {
 public:
  /// relative false: the inputs of Windows as they are.
  RelativeInputs(const Windows& windows, bool relative) : windows_(windows), relative_(relative) {}

  /// x [length, B, windows.inputs()], given its shape here.
  void gather(std::span<const Window> windows, Sequences<float>& x) const;
  /// The inputs of row t beyond the origin of a window: see Windows::input_row_ahead.
  void row_ahead(const Window& window, std::size_t t, std::span<const float> predicted,
                 std::span<float> out) const;

 private:
  float reference(const Window& window, std::size_t k) const;

  const Windows& windows_;
  bool relative_;
};

}  // namespace carousel
