// The gated recurrent unit: the equations of one time step for some rows of the batch.
//
//     z_t = sigmoid(W_z x_t + R_z h_{t-1} + b_z)        r_t = sigmoid(W_r x_t + R_r h_{t-1} + b_r)
//     n_t = tanh(W_n x_t + b_n + r_t * (R_n h_{t-1} + b_Rn))        reset after the product
//     n_t = tanh(W_n x_t + b_n + R_n (r_t * h_{t-1}))               reset before the product
//     h_t = z_t * h_{t-1} + (1 - z_t) * n_t
//
// Before: Cho, van Merrienboer, Gulcehre, Bahdanau, Bougares, Schwenk & Bengio, EMNLP 2014, eq. 5 to 8; ONNX
// with linear_before_reset = 0. After: PyTorch, cuDNN, oneDNN's lbr_gru, Keras with reset_after, ONNX with
// linear_before_reset = 1; one product a step instead of two. Backward: docs/equations.md.
#pragma once

#include <string>
#include <vector>

#include "cells/products.h"
#include "kernels/gru_gates.h"
#include "tensor/parameters.h"
#include "tensor/view.h"

namespace carousel {

/// Where the reset gate stands.
enum class GruReset { after, before };

/// "after", "before"; the words of the spec.
const std::vector<std::string>& gru_reset_names();

template <class T, GruReset kReset>
class GruCell : public Cell<T> {
 public:
  static constexpr bool kAfter = kReset == GruReset::after;

  /// A row of activations is n | z | r | s, as kernels/gru_gates.h says: W's part of the first three lies
  /// side by side, and R's of the last three.
  GruCell(std::size_t inputs, std::size_t hidden)
      : Cell<T>({inputs, hidden, 0, 4 * hidden, 4 * hidden}), inputs_(inputs), hidden_(hidden) {}

  std::string kind() const override { return "gru"; }
  std::string description() const override;
  std::string kernel() const override {
    return kAfter ? "gates fused with the product" : "gates fused with both products";
  }
  /// Parameters: W [3H, F], R [3H, H], b [3H], gates in the order z, r, n; where the reset comes after the
  /// product, b_Rn [H].
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override;
  std::vector<Recorded> recorded() const override;

  /// Where the reset comes before the product, every unit of the second product needs all of the first.
  std::size_t most_shares() const noexcept override { return kAfter ? most_shares_of(recurrent_) : 1; }
  Share::Range units(Share share) const noexcept override { return units_of(recurrent_, share); }

  /// n, z and r = b + W x, s = b_Rn
  void input_product(View<const T> x, View<T> gates, Share share = {}) const noexcept override;
  void forward(const CellStep<T>& step) const noexcept override;
  void backward(const CellStepBack<T>& step) const noexcept override;
  void hidden_gradient(View<const T> dgates, View<T> dh, View<T> dmemory,
                       Share share = {}) const noexcept override;
  void input_gradient(View<const T> dgates, View<T> dx) const noexcept override;

 private:
  std::size_t inputs_, hidden_;
  std::size_t W_ = 0, R_ = 0, b_ = 0, b_Rn_ = 0;  // offsets in the weight vector
  // W with its parts in the order n, z, r; R with all its parts, or with z and r, and n apart.
  kernels::PackedMatrix<T> input_, recurrent_, recurrent_n_;
  kernels::PackedMatrix<T> input_gradient_, recurrent_gradient_, recurrent_n_gradient_;
  AlignedVector<T> bias_, bias_Rn_;  // [3H] n, z, r; [H]
};

}  // namespace carousel
