// Weight gradients: sums of outer products over rows, gradient [M, N] += left^T right, left [rows, M], right
// [rows, N]. Threads split the outputs. Each sum runs over the rows in ascending order, whichever factor the
// kernel is given as the left one, so both ways below give the same bits.
#pragma once

#include <span>
#include <vector>

#include "kernels/gemm.h"
#include "kernels/transpose.h"
#include "layers/work_split.h"
#include "tensor/tensor.h"

namespace carousel {

/// For a product made once a pass. `packed` is a buffer to be used again.
template <class T>
void add_outer_products(ThreadPool& pool, View<const T> left, View<const T> right, T* gradient,
                        kernels::PackedMatrix<T>& packed) {
  const std::size_t m = left.columns(), n = right.columns(), rows = left.rows();
  packed.pack(right.data(), rows, n, right.stride(), 1);
  split_work(pool, m, rows * m * n, [&](std::size_t begin, std::size_t end) {
    gemm(end - begin, kernels::LeftMatrix<T>{left.data() + begin, 1, left.stride()}, packed,
         gradient + begin * n, n, kernels::Start::accumulate);
  });
}

/// For the gradients of some weight matrices that come together from several segments of time, between
/// clear(), begin() for each, and end(). Where a factor is narrow the sums are held transposed meanwhile, [N,
/// M], so that the vectors of the kernel run over M; then matrices with the same left factor share its packed
/// copy.
template <class T>
class SegmentedGradients {
 public:
  void clear() noexcept { used_ = 0; }
  /// The next matrix: its left factor are the columns of add()'s `left` from `column` on.
  void begin(std::size_t column, View<T> gradient) {
    if (used_ == sums_.size()) sums_.emplace_back();
    Sum& sum = sums_[used_++];
    sum.column = column;
    sum.gradient = gradient;
    if (!sum.narrow()) return;
    sum.transposed.resize({gradient.columns(), gradient.rows()});
    exchange(gradient, sum.transposed.matrix());
  }
  void add(ThreadPool& pool, View<const T> left, std::span<const View<const T>> rights) {
    for (std::size_t i = 0, end; i < used_; i = end) {
      end = i + 1;
      const View<const T> columns = left.columns(sums_[i].column, sums_[i].gradient.rows());
      if (sums_[i].narrow()) {
        while (end < used_ && sums_[end].narrow() && sums_[end].same_left(sums_[i])) ++end;
        add_narrow(pool, columns, rights, i, end);
      } else {
        add_outer_products(pool, columns, rights[i], sums_[i].gradient.data(), packed_);
      }
    }
  }
  void end() {
    for (std::size_t i = 0; i < used_; ++i)
      if (sums_[i].narrow()) exchange(sums_[i].transposed.matrix(), sums_[i].gradient);
  }

 private:
  struct Sum {
    View<T> gradient;
    std::size_t column = 0;
    Tensor<T> transposed;

    /// Measured: with more columns both ways take the same time, and transposing comes on top.
    bool narrow() const noexcept { return gradient.columns() <= 128; }
    bool same_left(const Sum& other) const noexcept {
      return column == other.column && gradient.rows() == other.gradient.rows();
    }
  };

  static void exchange(View<const T> from, View<T> to) {
    kernels::transpose<T>(from.rows(), from.columns(), {from.data(), from.stride()},
                          {to.data(), to.stride()});
  }
  /// Matrices [begin, end), all of the same left factor.
  void add_narrow(ThreadPool& pool, View<const T> left, std::span<const View<const T>> rights,
                  std::size_t begin, std::size_t end) {
    packed_.reshape(left.rows(), left.columns());
    std::size_t work = 0;
    for (std::size_t i = begin; i < end; ++i) work += left.rows() * sums_[i].transposed.size();
    split_work(pool, packed_.panels(), work, [&](std::size_t panel, std::size_t panel_end) {
      packed_.pack_panels(left.data(), left.stride(), 1, panel, panel_end);
      for (std::size_t i = begin; i < end; ++i)
        gemm(rights[i].columns(), kernels::LeftMatrix<T>{rights[i].data(), 1, rights[i].stride()}, packed_,
             sums_[i].transposed.data(), left.columns(), kernels::Start::accumulate,
             static_cast<const T*>(nullptr), static_cast<const kernels::Epilogue*>(nullptr), panel,
             panel_end);
    });
  }

  std::vector<Sum> sums_;  // the first used_ are in use, the others keep their buffers
  std::size_t used_ = 0;
  kernels::PackedMatrix<T> packed_;
};

}  // namespace carousel
