#include "cells/orthogonal.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "kernels/normal.h"
#include "kernels/reductions.h"

namespace carousel {

namespace {

/// Makes the rows [rows, n], rows <= n, orthonormal by Gram and Schmidt's process, each row twice, which
/// keeps them so to rounding.
void orthonormalise(std::vector<double>& a, std::size_t rows, std::size_t n) {
  for (std::size_t r = 0; r < rows; ++r) {
    double* const row = a.data() + r * n;
    for (int turn = 0; turn < 2; ++turn)
      for (std::size_t q = 0; q < r; ++q) {
        const double* const other = a.data() + q * n;
        const double along = kernels::dot(row, other, n);
        for (std::size_t j = 0; j < n; ++j) row[j] -= along * other[j];
      }
    const double length = std::sqrt(kernels::sum_of_squares(row, n));
    for (std::size_t j = 0; j < n; ++j) row[j] /= length;
  }
}

}  // namespace

template <class T>
void fill_orthogonal(T* w, std::size_t rows, std::size_t columns, std::uint64_t seed, std::uint64_t stream) {
  const std::size_t few = std::min(rows, columns), many = std::max(rows, columns);
  std::vector<double> values(few * many);
  kernels::fill_normal(Random(seed, stream), 0, values.data(), values.size());
  orthonormalise(values, few, many);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c)
      w[r * columns + c] = static_cast<T>(rows <= columns ? values[r * many + c] : values[c * many + r]);
}

template void fill_orthogonal(float*, std::size_t, std::size_t, std::uint64_t, std::uint64_t);
template void fill_orthogonal(double*, std::size_t, std::size_t, std::uint64_t, std::uint64_t);

}  // namespace carousel
