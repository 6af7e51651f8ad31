// Sums of probabilities that are kept as logarithms, row by row: what the losses over alignments are made of.
// In double whatever the loss computes in: a path's logarithm grows with its length, and its rounding with
// it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>

#include "kernels/activations.h"

namespace carousel {

inline constexpr double kLogZero = -std::numeric_limits<double>::infinity();

/// out[i] = log of the sum over the Rows rows of exp(row[i]), -inf where all are; NaN if one is. work: Rows n
/// values. out may be one of the rows.
template <std::size_t Rows>
void log_sum_exp(const double* const (&rows)[Rows], double* out, std::size_t n, double* work) noexcept {
  const auto largest_at = [&](std::size_t i) {
    double largest = rows[0][i];
    for (std::size_t r = 1; r < Rows; ++r) largest = std::max(largest, rows[r][i]);
    return largest == kLogZero ? 0.0 : largest;
  };
  for (std::size_t r = 0; r < Rows; ++r)
    for (std::size_t i = 0; i < n; ++i) work[r * n + i] = rows[r][i] - largest_at(i);
  kernels::exp(work, work, Rows * n);
  for (std::size_t r = 1; r < Rows; ++r)
    for (std::size_t i = 0; i < n; ++i) work[i] += work[r * n + i];
  kernels::log(work, work, n);
  for (std::size_t i = 0; i < n; ++i) out[i] = largest_at(i) + work[i];
}

}  // namespace carousel
