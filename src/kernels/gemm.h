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
#pragma once

#include <cstddef>

#include "base/aligned.h"

namespace carousel::kernels {

/// Length of one chain of FMAs: part of the contract (changing it changes results in the last bit).
inline constexpr std::size_t kBlockK = 256;

/// A matrix B [K, N] copied into panels of as many columns as the kernel of the target in use computes at a
/// time. It remembers the target: its products run on that one, whatever use_target() says later.
template <class T>
class PackedMatrix {
 public:
  /// B[k][n] = b[k * k_stride + n * n_stride]: a transpose costs nothing. No allocation for a size had
  /// before.
  void pack(const T* b, std::size_t k, std::size_t n, std::size_t k_stride, std::size_t n_stride);

  std::size_t k() const noexcept { return k_; }
  std::size_t n() const noexcept { return n_; }
  /// Columns in a panel, and panels in all; the last may be part empty.
  std::size_t panel_columns() const noexcept { return panel_columns_; }
  std::size_t panels() const noexcept {
    return panel_columns_ == 0 ? 0 : (n_ + panel_columns_ - 1) / panel_columns_;
  }
  const T* panel(std::size_t p) const noexcept { return data_.data() + p * k_ * panel_columns_; }
  /// Index of the target it was packed for, as in every kernel table.
  std::size_t target() const noexcept { return target_; }

 private:
  std::size_t k_ = 0, n_ = 0, panel_columns_ = 0, target_ = 0;
  AlignedVector<T> data_;
};

/// The left factor A [M, K]: a[m][k] = data[m * m_stride + k * k_stride], so A transposed needs no copy.
template <class T>
struct LeftMatrix {
  const T* data;
  std::size_t m_stride;
  std::size_t k_stride = 1;
};

/// What each output starts from.
enum class Start { zero, bias, accumulate };

/// C[m][n] (m < M, row m at c + m * c_stride) for the columns of panels [panel_begin, panel_end).
/// `bias` [N] is read only with Start::bias.
template <class T>
void gemm(std::size_t m, LeftMatrix<T> a, const PackedMatrix<T>& b, T* c, std::size_t c_stride, Start start,
          const T* bias, std::size_t panel_begin, std::size_t panel_end) noexcept;

/// All columns.
template <class T>
void gemm(std::size_t m, LeftMatrix<T> a, const PackedMatrix<T>& b, T* c, std::size_t c_stride, Start start,
          const T* bias = nullptr) noexcept {
  gemm(m, a, b, c, c_stride, start, bias, 0, b.panels());
}

}  // namespace carousel::kernels
