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

#include <string>
#include <vector>

#include "cells/cell.h"
#include "cells/gate_order.h"
#include "cells/products.h"
#include "kernels/lstm_sequence.h"
#include "tensor/parameters.h"
#include "tensor/view.h"

namespace carousel {

template <class T>
class LstmCell : public Cell<T> {
 public:
  /// forget_bias: first value of the forget gate's bias (Gers et al. 2000; Jozefowicz et al. 2015). A row of
  /// activations is i | f | g | o; memory is c.
  LstmCell(std::size_t inputs, std::size_t hidden, double forget_bias = 1.0)
      : Cell<T>({inputs, hidden, hidden, kGates * hidden, kGates * hidden}),
        inputs_(inputs),
        hidden_(hidden),
        forget_bias_(forget_bias) {}

  std::string kind() const override { return "lstm"; }
  std::string description() const override;
  /// Parameters: W [4H, F], R [4H, H], b [4H], gates in the order i, f, g, o.
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override;
  std::vector<Recorded> recorded() const override;

  std::size_t most_shares() const noexcept override { return most_shares_of(recurrent_); }
  Share::Range units(Share share) const noexcept override { return units_of(recurrent_, share); }

  /// gates = b + W x
  void input_product(View<const T> x, View<T> gates, Share share = {}) const noexcept override;
  void forward(const CellStep<T>& step) const noexcept override;
  void backward(const CellStepBack<T>& step) const noexcept override;
  void hidden_gradient(View<const T> dgates, View<T> dh, View<T> dmemory,
                       Share share = {}) const noexcept override;
  void input_gradient(View<const T> dgates, View<T> dx) const noexcept override;

  bool runs_alone() const noexcept override {
    return kernels::LstmSequence<T>::takes(inputs_, hidden_) && input_.format() == WeightFormat::float32;
  }
  bool needs_products() const noexcept override { return inputs_ > kFewInputs; }
  void run_alone(View<const T> x, const T* products, const T* h, T* c, View<T> y) const noexcept override {
    sequence_.run({x.rows(), x.data(), products, h, c, y.data()});
  }

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
