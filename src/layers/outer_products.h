// Weight gradients: sums of outer products over rows, gradient [M, N] += left^T right, left [rows, M], right
// [rows, N]. Threads split the outputs. Each sum runs over the rows in ascending order, whichever factor the
// kernel is given as the left one, so both ways below give the same bits.
#pragma once

#include "kernels/gemm.h"
#include "layers/work_split.h"
#include "tensor/tensor.h"
#include "tensor/transpose.h"

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

/// For a gradient that comes together from several segments of time, between begin() and end(). Where `right`
/// is narrow the sums are held transposed meanwhile, [N, M], so that the vectors of the kernel run over M.
template <class T>
class SegmentedGradient {
 public:
  void begin(View<T> gradient) {
    gradient_ = gradient;
    if (!narrow()) return;
    sums_.resize({gradient.columns(), gradient.rows()});
    transpose(View<const T>(gradient), sums_.matrix());
  }
  void add(ThreadPool& pool, View<const T> left, View<const T> right) {
    if (!narrow()) return add_outer_products(pool, left, right, gradient_.data(), packed_);
    packed_.reshape(left.rows(), left.columns());
    split_work(pool, packed_.panels(), left.rows() * sums_.size(), [&](std::size_t begin, std::size_t end) {
      packed_.pack_panels(left.data(), left.stride(), 1, begin, end);
      gemm(right.columns(), kernels::LeftMatrix<T>{right.data(), 1, right.stride()}, packed_, sums_.data(),
           left.columns(), kernels::Start::accumulate, static_cast<const T*>(nullptr),
           static_cast<const kernels::Epilogue*>(nullptr), begin, end);
    });
  }
  void end() {
    if (narrow()) transpose(View<const T>(sums_.matrix()), gradient_);
  }

 private:
  /// Measured: with more columns both ways take the same time, and transposing comes on top.
  bool narrow() const noexcept { return gradient_.columns() <= 128; }

  View<T> gradient_;
  Tensor<T> sums_;
  kernels::PackedMatrix<T> packed_;
};

}  // namespace carousel
