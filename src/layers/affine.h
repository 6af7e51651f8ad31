// The affine map W x + b of rows, with its weights: part of a layer.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/thread_pool.h"
#include "kernels/gemm.h"
#include "kernels/weight_format.h"
#include "tensor/parameters.h"
#include "tensor/view.h"

namespace carousel {

template <class T>
class Affine {
 public:
  Affine(std::size_t inputs, std::size_t outputs, bool bias = true)
      : inputs_(inputs), outputs_(outputs), has_bias_(bias) {}

  static const char* kernel() noexcept { return "one product for all rows"; }
  /// "name.W" [outputs, inputs] and, if there is one, "name.b" [outputs].
  void declare(ParameterTable& table, const std::string& name);
  /// W by Glorot & Bengio, b zero.
  void initialise(std::span<T> weights, std::uint64_t seed) const;
  void pack(std::span<const T> weights, const Packing& packing);

  /// y = W x + b, row by row: x [rows, inputs], y [rows, outputs].
  void map(View<const T> x, View<T> y) const noexcept;
  /// dW += sum of dy x^T, db += sum of dy. `packed` is a buffer to be used again.
  void add_gradients(ThreadPool& pool, View<const T> dy, View<const T> x, std::span<T> gradient,
                     kernels::PackedMatrix<T>& packed) const;
  /// dx = W^T dy
  void input_gradient(ThreadPool& pool, View<const T> dy, View<T> dx) const;

 private:
  std::size_t inputs_, outputs_;
  bool has_bias_;
  std::size_t W_ = 0, b_ = 0;                      // offsets in the weight vector
  kernels::PackedMatrix<T> weights_, transposed_;  // [inputs, outputs], [outputs, inputs]
  AlignedVector<T> bias_;
};

}  // namespace carousel
