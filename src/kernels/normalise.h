// Layer normalisation of a row: Ba, Kiros, Hinton, "Layer Normalization", 2016, eq. 3. Sums as reductions.h
// says.
#pragma once

#include <cmath>

#include "kernels/reductions.h"

namespace carousel::kernels {

/// to = (x - mean) / sqrt(variance + eps), the variance that of the n values themselves; to may be x. Returns
/// 1 / sqrt(variance + eps).
template <class T>
T normalise(const T* x, T* to, std::size_t n, T eps) noexcept {
  const T mean = sum(x, n) / static_cast<T>(n);
  for (std::size_t j = 0; j < n; ++j) to[j] = x[j] - mean;
  const T scale = T(1) / std::sqrt(sum_of_squares(to, n) / static_cast<T>(n) + eps);
  for (std::size_t j = 0; j < n; ++j) to[j] *= scale;
  return scale;
}

/// d: in, the gradient on the normalised values; out, on x.
template <class T>
void normalise_gradient(const T* normalised, T scale, T* d, std::size_t n) noexcept {
  const T mean = sum(d, n) / static_cast<T>(n), along = dot(d, normalised, n) / static_cast<T>(n);
  for (std::size_t j = 0; j < n; ++j) d[j] = scale * ((d[j] - mean) - normalised[j] * along);
}

}  // namespace carousel::kernels
