// The LSTM cell with forget gate: the equations of one time step for some rows of the batch.
//
//     i_t = sigmoid(W_i x_t + R_i h_{t-1} + b_i)        f_t = sigmoid(W_f x_t + R_f h_{t-1} + b_f)
//     g_t = tanh(W_g x_t + R_g h_{t-1} + b_g)           o_t = sigmoid(W_o x_t + R_o h_{t-1} + b_o)
//     c_t = f_t * c_{t-1} + i_t * g_t                   h_t = o_t * tanh(c_t)
//
// Hochreiter & Schmidhuber, Neural Computation 9, 1997; forget gate: Gers, Schmidhuber & Cummins, ibid. 12,
// 2000. Backward: docs/equations.md. A pre-activation is summed as ((b + W x) + R h), each product as
// kernels/gemm.h says.
#pragma once

#include <span>

#include "cells/gate_order.h"
#include "kernels/gemm.h"
#include "tensor/view.h"

namespace carousel {

template <class T>
class LstmCell {
 public:
  LstmCell(std::size_t inputs, std::size_t hidden) : inputs_(inputs), hidden_(hidden) {}

  std::size_t inputs() const noexcept { return inputs_; }
  /// Width of h, of what is kept beside h (c), and of the activations that backward needs (i | f | g | o).
  std::size_t outputs() const noexcept { return hidden_; }
  std::size_t memory() const noexcept { return hidden_; }
  std::size_t gates() const noexcept { return kGates * hidden_; }

  /// Copies the weights into the kernels' layout. W [4H, F], R [4H, H], b [4H], gates in the order i, f, g,
  /// o.
  void pack(std::span<const T> W, std::span<const T> R, std::span<const T> b);

  /// The units fall into so many groups that may be computed apart, by threads; each call below takes all of
  /// them or those of [begin, end).
  struct Groups {
    std::size_t begin, end;
  };
  Groups groups() const noexcept { return {0, (R_.panels() + R_.group_panels() - 1) / R_.group_panels()}; }

  /// gates [rows, 4H] = b + W x for any rows of any time steps; x [rows, F].
  void input_product(View<const T> x, View<T> gates, Groups groups) const noexcept;

  /// One step. gates [rows, 4H]: the input product in, activations out. h_before [rows, H], c_before [rows,
  /// H] (may be c).
  void forward(View<T> gates, View<const T> h_before, View<const T> c_before, View<T> c, View<T> h,
               Groups groups) const noexcept;

  /// One step back. gates: the activations that forward left. dh: in, gradient on h_t; out, on h_{t-1}.
  /// dc: in, gradient on c_t; out, on c_{t-1}. dgates [rows, 4H]: gradient on the pre-activations.
  void backward(View<const T> gates, View<const T> c_before, View<const T> c, View<T> dh, View<T> dc,
                View<T> dgates) const noexcept;

  /// dx [rows, F] = dgates W
  void input_gradient(View<const T> dgates, View<T> dx) const noexcept;

 private:
  std::size_t inputs_, hidden_;
  kernels::PackedMatrix<T> W_, R_;                        // [F, 4H], [H, 4H]
  kernels::PackedMatrix<T> W_transposed_, R_transposed_;  // [4H, F], [4H, H]
  AlignedVector<T> b_;
};

}  // namespace carousel
