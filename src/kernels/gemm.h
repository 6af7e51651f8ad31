// Matrix products with one answer.
//
// Every output element is computed by the same chain of operations on every CPU, thread count and shape:
//
//     c = start                                   (zero, bias[n], or the value already in c[m][n])
//     for each block of kBlockK consecutive k, ascending:
//       s = 0;  for k in block, ascending: s = fma(a[m][k], b[k][n], s)
//       c = c + s
//
// so lanes, tiles, batch rows and threads cannot show in the bits. Vectors run over n, never over k.
//
// A B kept as bf16 gives the same: the product with the rounded weights. With a B kept as int8, b[k][n] =
// q[k][n] * scale[n], the row of A is quantised too, to 16 bits, and a block's products are summed exactly:
//
//     largest = max over k of |a[m][k]|, or 2^-100 if that is less;  scale[m] = largest / 32767
//     p[k] = the whole number nearest to a[m][k] * (32767 / largest), of two equally near ones the even
//     for each block: s = (the sum of p[k] * q[k][n], rounded to float) * (scale[m] * scale[n]);  c = c + s
//
// and a row of A that holds NaN or an infinity gives NaN.
#pragma once

#include <cstddef>

#include "kernels/packed_matrix.h"

namespace carousel::kernels {

/// Length of one chain of FMAs: part of the contract (changing it changes results in the last bit).
inline constexpr std::size_t kBlockK = 256;

/// The left factor A [M, K]: a[m][k] = data[m * m_stride + k * k_stride], so A transposed needs no copy.
template <class T>
struct LeftMatrix {
  const T* data;
  std::size_t m_stride;
  std::size_t k_stride = 1;
};

/// What each output starts from.
enum class Start { zero, bias, accumulate };

/// What is to be done with outputs as soon as they are there, while they are in cache: called once for each
/// set of rows [row, row + rows) and columns of units [unit, unit + units) of every part, which together make
/// up all that was asked for.
struct Epilogue {
  void (*function)(const void* context, std::size_t row, std::size_t rows, std::size_t unit,
                   std::size_t units) noexcept;
  const void* context;

  void run(std::size_t row, std::size_t rows, std::size_t unit, std::size_t units) const noexcept {
    function(context, row, rows, unit, units);
  }
};

/// C[m][n] (m < M, row m at c + m * c_stride) for the columns of panels [panel_begin, panel_end), which are
/// multiples of B's group_panels or the end. `bias` [N] is read only with Start::bias; epilogue may be null.
template <class T>
void gemm(std::size_t m, LeftMatrix<T> a, const PackedMatrix<T>& b, T* c, std::size_t c_stride, Start start,
          const T* bias, const Epilogue* epilogue, std::size_t panel_begin, std::size_t panel_end) noexcept;

/// All columns.
template <class T>
void gemm(std::size_t m, LeftMatrix<T> a, const PackedMatrix<T>& b, T* c, std::size_t c_stride, Start start,
          const T* bias = nullptr, const Epilogue* epilogue = nullptr) noexcept {
  gemm(m, a, b, c, c_stride, start, bias, epilogue, 0, b.panels());
}

}  // namespace carousel::kernels
