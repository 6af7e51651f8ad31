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

#include <array>
#include <span>
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
class GruCell {
 public:
  using Value = T;
  static constexpr bool kAfter = kReset == GruReset::after;
  static constexpr std::array<const char*, 3> kGateNames = {"n", "z", "r"};

  GruCell(std::size_t inputs, std::size_t hidden) : inputs_(inputs), hidden_(hidden) {}

  std::string kind() const { return "gru"; }
  std::string description() const;

  std::size_t inputs() const noexcept { return inputs_; }
  std::size_t outputs() const noexcept { return hidden_; }
  std::size_t memory() const noexcept { return 0; }
  /// n | z | r | s, as kernels/gru_gates.h says: W's part of the first three lies side by side, and R's of
  /// the last three.
  std::size_t gates() const noexcept { return 4 * hidden_; }

  /// Parameters: W [3H, F], R [3H, H], b [3H], gates in the order z, r, n; where the reset comes after the
  /// product, b_Rn [H].
  void declare(ParameterTable& table, const std::string& name);
  void initialise(std::span<T> weights, std::uint64_t seed) const;
  /// Copies the weights into the kernels' layout.
  void pack(std::span<const T> weights, const Packing& packing);
  std::array<WeightGradient, kAfter ? 3 : 4> weight_gradients() const noexcept;
  std::array<BiasGradient, kAfter ? 3 : 2> bias_gradients() const noexcept;

  /// Into at most so many shares the units may fall. Where the reset comes before the product, every unit of
  /// the second product needs all of the first.
  std::size_t most_shares() const noexcept { return kAfter ? most_shares_of(recurrent_) : 1; }

  /// gates [rows, 4H]: n, z and r = b + W x, s = b_Rn, for any rows of any time steps; x [rows, F].
  void input_product(View<const T> x, View<T> gates, Share share = {}) const noexcept;

  /// One step. gates [rows, 4H]: the input product in, activations out. h_before [rows, H], not h.
  void forward(View<T> gates, View<const T> h_before, View<const T>, View<T>, View<T> h,
               Share share = {}) const noexcept;

  /// One step back, up to the pre-activations. gates: the activations that forward left. dh: in, gradient on
  /// h_t; out, what of it reaches h_{t-1} without the products of hidden_gradient. dgates [rows, 4H]:
  /// gradient on n, z, r and s.
  void backward(View<const T> gates, View<const T> h_before, View<const T>, View<const T>, View<T> dh,
                View<T>, View<T> dgates, Share share = {}) const noexcept;
  /// The rest of it, for which all of dgates must be there. dh: out, gradient on h_{t-1}.
  void hidden_gradient(View<const T> dgates, View<T> dh, Share share = {}) const noexcept;

  /// dx [rows, F] = dgates W
  void input_gradient(View<const T> dgates, View<T> dx) const noexcept;

 private:
  std::size_t inputs_, hidden_;
  std::size_t W_ = 0, R_ = 0, b_ = 0, b_Rn_ = 0;  // offsets in the weight vector
  // W with its parts in the order n, z, r; R with all its parts, or with z and r, and n apart.
  kernels::PackedMatrix<T> input_, recurrent_, recurrent_n_;
  kernels::PackedMatrix<T> input_gradient_, recurrent_gradient_, recurrent_n_gradient_;
  AlignedVector<T> bias_, bias_Rn_;  // [3H] n, z, r; [H]
};

}  // namespace carousel
