// Sums, softmax and biases in a fixed order.
//
// A horizontal sum over n values uses one fixed tree, whatever the vector width: kLanes partial sums, lane j
// taking elements j, j + kLanes, ... in ascending order, then lanes added in halves (j + kLanes/2 into j, and
// so on).
#pragma once

#include <cstddef>

namespace carousel::kernels {

inline constexpr std::size_t kLanes = 16;

template <class T>
T sum(const T* x, std::size_t n) noexcept;
/// Sum of squares by FMA in each lane.
template <class T>
T sum_of_squares(const T* x, std::size_t n) noexcept;
/// sum of x[i] * y[i] by FMA in each lane.
template <class T>
T dot(const T* x, const T* y, std::size_t n) noexcept;
/// Largest element; NaN if any is NaN; -inf for n = 0.
template <class T>
T maximum(const T* x, std::size_t n) noexcept;
/// out[n] += sum over rows of x[r][n]: blocks of kBlockK rows, each a plain ascending sum from zero, added in
/// order.
template <class T>
void add_column_sums(const T* x, std::size_t rows, std::size_t n, std::size_t stride, T* out) noexcept;
/// out[n] += sum over rows of x[r][n] * y[r][n], by FMAs in the same blocks.
template <class T>
void add_column_products(const T* x, std::size_t x_stride, const T* y, std::size_t y_stride, std::size_t rows,
                         std::size_t n, T* out) noexcept;
/// x[r][n] += bias[n]
template <class T>
void add_bias(T* x, std::size_t rows, std::size_t n, std::size_t stride, const T* bias) noexcept;
/// Softmax of each row: exp(x - max) / sum. A row of -inf only gives NaN. out may be x.
template <class T>
void softmax(const T* x, T* out, std::size_t rows, std::size_t n, std::size_t stride) noexcept;
/// Its logarithm: (x - max) - log(sum of exp(x - max)). out may be x.
template <class T>
void log_softmax(const T* x, T* out, std::size_t rows, std::size_t n, std::size_t stride) noexcept;

}  // namespace carousel::kernels
