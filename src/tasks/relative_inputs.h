// The inputs of a forecast network that is anchored: free of level.
#pragma once

#include <cstddef>
#include <span>

#include "data/windows.h"

namespace carousel {

/// The inputs of Windows, in which each target, lagged ones as well, is taken relative to the first value it
/// has in its window, so that a level never met in training looks like one that was, and divided by its size
/// there, where windows are scaled by their own. One that is missing stays 0. Keeps a reference.
class RelativeInputs {
 public:
  /// relative false: not relative. sized false: every size is 1.
  RelativeInputs(const Windows& windows, bool relative, bool sized)
      : windows_(windows), relative_(relative), sized_(sized) {}

  /// What target k is divided by in a window, and what is put out multiplied by: the mean of |value| over the
  /// rows of the window, as DeepAR scales (Salinas, Flunkert, Gasthaus & Januschowski, 2020, sec. 3.3). 1
  /// where all are 0 or missing.
  float size(const Window& window, std::size_t k) const;

  /// x [length, B, windows.inputs()], given its shape here.
  void gather(std::span<const Window> windows, Sequences<float>& x) const;
  /// The inputs of row t beyond the origin of a window: see Windows::input_row_ahead.
  void row_ahead(const Window& window, std::size_t t, std::span<const float> predicted,
                 std::span<float> out) const;

 private:
  float reference(const Window& window, std::size_t k) const;
  /// The lagged values of target k among the inputs of row t.
  void relate_lagged(std::size_t series, std::size_t t, std::size_t k, float level, float size,
                     std::span<float> row) const;

  const Windows& windows_;
  bool relative_, sized_;
};

}  // namespace carousel
