// What the tests that hold a layer against plain loops of doubles have in common.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

#include "base/random.h"

namespace carousel {

inline double logistic(double v) { return 1.0 / (1.0 + std::exp(-v)); }

/// Uniform in +-limit; stream: which numbers.
inline void fill(std::span<double> values, std::uint64_t stream, double limit = 1.0) {
  const Random random(77, stream);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = random.uniform(i, -limit, limit);
}

}  // namespace carousel
