// First values of weights: functions of the seed and the place in the weight vector.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

#include "base/random.h"

namespace carousel {

/// Uniform in [-limit, limit).
template <class T>
void fill_uniform(std::span<T> values, double limit, std::uint64_t seed, std::uint64_t stream) {
  const Random random(seed, stream);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<T>(random.uniform(i, -limit, limit));
}

/// sqrt(6 / (inputs + outputs)): Glorot & Bengio, AISTATS 2010, eq. 16.
inline double glorot_limit(std::size_t inputs, std::size_t outputs) {
  return std::sqrt(6.0 / static_cast<double>(inputs + outputs));
}

}  // namespace carousel
