// The simple recurrent network: the equation of one time step for some rows of the batch.
//
//     h_t = tanh(W x_t + R h_{t-1} + b)       or relu(.)
//
// Elman, "Finding Structure in Time", Cognitive Science 14, 1990. Backward: docs/equations.md.
#pragma once

#include "cells/products.h"

namespace carousel {

enum class RnnActivation { tanh, relu };

/// "tanh", "relu"; the words of the spec.
const std::vector<std::string>& rnn_activation_names();

template <class T>
class RnnCell : public Cell<T> {
 public:
  /// A row of activations is h_t.
  RnnCell(std::size_t inputs, std::size_t hidden, RnnActivation activation)
      : Cell<T>({inputs, hidden, 0, hidden, hidden}), activation_(activation) {}

  std::string kind() const override { return "rnn"; }
  std::string description() const override;
  std::string kernel() const override { return "activation fused with the product"; }
  /// Parameters: W [H, F], R [H, H], b [H].
  void declare(ParameterTable& table, const std::string& name) override;
  /// With relu, R begins as the identity, so that what is remembered neither fades nor grows at first (Le,
  /// Jaitly & Hinton, "A Simple Way to Initialize Recurrent Networks of Rectified Linear Units", 2015).
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override;
  std::vector<Recorded> recorded() const override { return {}; }

  bool hidden_only_in_products() const noexcept override { return true; }
  std::size_t most_shares() const noexcept override { return most_shares_of(recurrent_); }
  Share::Range units(Share share) const noexcept override { return units_of(recurrent_, share); }
  void input_product(View<const T> x, View<T> gates, Share share = {}) const noexcept override;
  void forward(const CellStep<T>& step) const noexcept override;
  void backward(const CellStepBack<T>& step) const noexcept override;
  void hidden_gradient(View<const T> dgates, View<T> dh, View<T> dmemory,
                       Share share = {}) const noexcept override;
  void input_gradient(View<const T> dgates, View<T> dx) const noexcept override;

 private:
  RnnActivation activation_;
  std::size_t W_ = 0, R_ = 0, b_ = 0;  // offsets in the weight vector
  kernels::PackedMatrix<T> input_, recurrent_, input_gradient_, recurrent_gradient_;
  AlignedVector<T> bias_;
};

}  // namespace carousel
