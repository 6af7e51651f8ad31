// Sums of probabilities that are held as logarithms.
#pragma once

#include <algorithm>
#include <limits>

#include "kernels/activations.h"

namespace carousel {

inline constexpr double kImpossible = -std::numeric_limits<double>::infinity();

/// log(exp(a) + exp(b)), the larger taken out; neither NaN nor infinity above 0.
inline double log_add(double a, double b) noexcept {
  const double larger = std::max(a, b), smaller = std::min(a, b);
  if (smaller == kImpossible) return larger;
  double value = smaller - larger;
  kernels::exp(&value, &value, 1);
  value += 1;
  kernels::log(&value, &value, 1);
  return larger + value;
}

}  // namespace carousel
