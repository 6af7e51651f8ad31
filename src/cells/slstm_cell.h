// The sLSTM: an LSTM with exponential input gates, whose cell is divided by a normaliser; the equations of
// one time step for some rows of the batch.
//
//     i_t = exp(W_i x_t + R_i h_{t-1} + b_i)        f_t = sigmoid(W_f x_t + R_f h_{t-1} + b_f) or exp(.)
//     g_t = tanh(W_g x_t + R_g h_{t-1} + b_g)       o_t = sigmoid(W_o x_t + R_o h_{t-1} + b_o)
//     c_t = f_t * c_{t-1} + i_t * g_t               n_t = f_t * n_{t-1} + i_t
//     h_t = o_t * c_t / n_t
//
// The units fall into heads, and R links only units of one head. Beck, Poeppel, Spanring, Auer, Prudnikova,
// Kopp, Klambauer, Brandstetter & Hochreiter, "xLSTM: Extended Long Short-Term Memory", NeurIPS 2024, eq. 8
// to 14 (g is their z); computed in the stabilised form of eq. 15 to 17, where c_t and n_t are kept divided
// by exp(m_t) (kernels/slstm_gates.h). Backward: docs/equations.md.
#pragma once

#include "cells/forget_activation.h"
#include "cells/products.h"

namespace carousel {

template <class T>
class SlstmCell : public Cell<T> {
 public:
  /// hidden must be a multiple of heads. A row of activations is [4H], i | f | g | o of one head after the
  /// other, and the slopes of log f [H]; beside h are kept c | n | m [3H].
  SlstmCell(std::size_t inputs, std::size_t hidden, std::size_t heads, ForgetActivation forget_activation)
      : Cell<T>({inputs, hidden, 3 * hidden, 5 * hidden, 4 * hidden}),
        size_(hidden / heads),
        forget_activation_(forget_activation),
        heads_(heads) {}

  std::string kind() const override { return "slstm"; }
  std::string description() const override;
  std::string kernel() const override { return "gates fused with the product of each head"; }
  /// Parameters: W [4H, F], R [4H, d], b [4H]: the 4d rows of one head after the other, each in the order i,
  /// f, g, o.
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override;
  std::size_t unit_of(const Parameter& parameter, std::size_t element) const override {
    const std::size_t row = row_of(parameter, element);
    return row / (4 * size_) * size_ + row % size_;
  }
  std::vector<Recorded> recorded() const override;

  Share::Range normaliser() const noexcept override { return {this->outputs(), 2 * this->outputs()}; }
  bool hidden_only_in_products() const noexcept override { return true; }
  std::size_t most_shares() const noexcept override { return heads_.size(); }
  Share::Range units(Share share) const noexcept override {
    const Share::Range heads = share.of(heads_.size());
    return {heads.begin * size_, heads.end * size_};
  }
  void input_product(View<const T> x, View<T> gates, Share share = {}) const noexcept override;
  void forward(const CellStep<T>& step) const noexcept override;
  void backward(const CellStepBack<T>& step) const noexcept override;
  void hidden_gradient(View<const T> dgates, View<T> dh, View<T> dmemory,
                       Share share = {}) const noexcept override;
  void input_gradient(View<const T> dgates, View<T> dx) const noexcept override;

 private:
  struct Head {
    kernels::PackedMatrix<T> input, recurrent, recurrent_gradient;  // [F, 4d], [d, 4d], [4d, d]
  };
  View<T> gates_of(std::size_t head, View<T> gates) const noexcept {
    return gates.columns(head * 4 * size_, 4 * size_);
  }

  std::size_t size_;
  ForgetActivation forget_activation_;
  std::size_t W_ = 0, R_ = 0, b_ = 0;  // offsets in the weight vector
  std::vector<Head> heads_;
  kernels::PackedMatrix<T> input_gradient_;  // [4H, F]
  AlignedVector<T> bias_;
};

}  // namespace carousel
