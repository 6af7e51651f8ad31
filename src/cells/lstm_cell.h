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

#include <array>
#include <span>
#include <string>

#include "cells/cell.h"
#include "cells/gate_order.h"
#include "cells/products.h"
#include "kernels/lstm_sequence.h"
#include "tensor/parameters.h"
#include "tensor/view.h"

namespace carousel {

template <class T>
class LstmCell {
 public:
  using Value = T;
  static constexpr auto kGateNames = carousel::kGateNames;

  /// forget_bias: first value of the forget gate's bias (Gers et al. 2000; Jozefowicz et al. 2015).
  LstmCell(std::size_t inputs, std::size_t hidden, double forget_bias = 1.0)
      : inputs_(inputs), hidden_(hidden), forget_bias_(forget_bias) {}

  std::string kind() const { return "lstm"; }
  std::string description() const;

  std::size_t inputs() const noexcept { return inputs_; }
  std::size_t outputs() const noexcept { return hidden_; }
  std::size_t memory() const noexcept { return hidden_; }
  /// i | f | g | o
  std::size_t gates() const noexcept { return kGates * hidden_; }

  /// Parameters: W [4H, F], R [4H, H], b [4H], gates in the order i, f, g, o.
  void declare(ParameterTable& table, const std::string& name);
  void initialise(std::span<T> weights, std::uint64_t seed) const;
  /// Copies the weights into the kernels' layout.
  void pack(std::span<const T> weights, const Packing& packing);
  std::array<WeightGradient, 2> weight_gradients() const noexcept;
  std::array<BiasGradient, 1> bias_gradients() const noexcept { return {{{b_, 0, gates()}}}; }

  /// Into at most so many shares the units may fall.
  std::size_t most_shares() const noexcept { return most_shares_of(recurrent_); }

  /// gates [rows, 4H] = b + W x for any rows of any time steps; x [rows, F].
  void input_product(View<const T> x, View<T> gates, Share share = {}) const noexcept;

  /// One step. gates [rows, 4H]: the input product in, activations out. h_before [rows, H], c_before [rows,
  /// H] (may be c).
  void forward(View<T> gates, View<const T> h_before, View<const T> c_before, View<T> c, View<T> h,
               Share share = {}) const noexcept;

  /// A small cell runs one sequence by a kernel of its own. x [steps, F] -> y [steps, H]; h [H] is that of
  /// the step before, c [H] in and out. Where needs_products(), products [steps, 4H] is the input product,
  /// else it is not read.
  bool runs_alone() const noexcept {
    return kernels::LstmSequence<T>::takes(inputs_, hidden_) && input_.format() == WeightFormat::float32;
  }
  bool needs_products() const noexcept { return inputs_ > kFewInputs; }
  void run_alone(View<const T> x, const T* products, const T* h, T* c, View<T> y) const noexcept {
    sequence_.run({x.rows(), x.data(), products, h, c, y.data()});
  }

  /// One step back, up to the pre-activations. gates: the activations that forward left. dh: gradient on h_t.
  /// dc: in, gradient on c_t; out, on c_{t-1}. dgates [rows, 4H]: gradient on the pre-activations.
  void backward(View<const T> gates, View<const T> h_before, View<const T> c_before, View<const T> c,
                View<T> dh, View<T> dc, View<T> dgates, Share share = {}) const noexcept;
  /// The rest of it, for which all of dgates must be there. dh: out, gradient on h_{t-1}.
  void hidden_gradient(View<const T> dgates, View<T> dh, Share share = {}) const noexcept;

  /// dx [rows, F] = dgates W
  void input_gradient(View<const T> dgates, View<T> dx) const noexcept;

 private:
  // More of them are better taken together for a block of steps.
  static constexpr std::size_t kFewInputs = 4;

  std::size_t inputs_, hidden_;
  double forget_bias_;
  std::size_t W_ = 0, R_ = 0, b_ = 0;                             // offsets in the weight vector
  kernels::PackedMatrix<T> input_, recurrent_;                    // W as [F, 4H], R as [H, 4H]
  kernels::PackedMatrix<T> input_gradient_, recurrent_gradient_;  // W as [4H, F], R as [4H, H]
  AlignedVector<T> bias_;
  kernels::LstmSequence<T> sequence_;
};

}  // namespace carousel
