// The LSTM cell, every variant of it: the equations of one time step for some rows of the batch. Options and
// equations: cells/lstm_options.h; Hochreiter & Schmidhuber, Neural Computation 9, 1997; forget gate: Gers,
// Schmidhuber & Cummins, ibid. 12, 2000. Backward: docs/equations.md.
//
// A pre-activation is summed as (((b + W x) + P c) + Q a) + R h, each product as kernels/gemm.h says.
#pragma once

#include <string>
#include <vector>

#include "cells/lstm_columns.h"
#include "cells/lstm_options.h"
#include "cells/products.h"
#include "kernels/lstm_sequence.h"
#include "tensor/parameters.h"
#include "tensor/view.h"

namespace carousel {

template <class T>
class LstmCell : public Cell<T> {
 public:
  /// name: the word of the spec. hidden: width of c, H. What is kept beside h is c, then the gates that are
  /// fed back. Throws nothing: options are possible together (impossible()).
  LstmCell(std::string name, std::size_t inputs, std::size_t hidden, const LstmOptions& options);
  LstmCell(std::size_t inputs, std::size_t hidden) : LstmCell("lstm", inputs, hidden, {}) {}

  std::string kind() const override { return name_; }
  std::string description() const override;
  std::string kernel() const override {
    return !fused_                ? "gates row by row"
           : fused_with_product() ? "gates fused with the product"
                                  : "gates of all rows behind the products";
  }
  /// Parameters, gates in the order i, f, g, o, of G columns altogether, without those that are off: W [G,
  /// F], R [G, outputs], b; peepholes p [gates, H] or P [gates, H]; Q [what is fed to, gates]; W_p [P, H];
  /// layer norm: gain_x, gain_h [G], gain_c, b_c [H].
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override;
  /// The blocks; behind them, of a projection, its outputs.
  std::size_t unit_of(const Parameter& parameter, std::size_t element) const override;
  std::size_t unit_of_state(std::size_t value) const override;
  std::vector<Recorded> recorded() const override;

  bool hidden_only_in_products() const noexcept override { return true; }
  std::size_t zoneable() const noexcept override { return at_.cells; }
  std::size_t most_shares() const noexcept override { return shares_ ? most_shares_of(R_.forward) : 1; }
  Share::Range units(Share share) const noexcept override {
    return shares_ ? units_of(R_.forward, share) : share.of(this->outputs());
  }

  /// b + W x, or its normalised form
  void input_product(View<const T> x, View<T> gates, Share share = {}) const noexcept override;
  void forward(const CellStep<T>& step) const noexcept override;
  void backward(const CellStepBack<T>& step) const noexcept override;
  void hidden_gradient(View<const T> dgates, View<T> dh, View<T> dmemory,
                       Share share = {}) const noexcept override;
  void input_gradient(View<const T> dgates, View<T> dx) const noexcept override;

  bool runs_alone() const noexcept override {
    return plain_ && kernels::LstmSequence<T>::takes(this->inputs(), at_.cells) &&
           W_.forward.format() == WeightFormat::float32;
  }
  bool needs_products() const noexcept override { return this->inputs() > kFewInputs; }
  void run_alone(View<const T> x, const T* products, const T* h, T* c, View<T> y) const noexcept override {
    sequence_.run({x.rows(), x.data(), products, h, c, y.data()});
  }

 private:
  // More of them are better taken together for a block of steps.
  static constexpr std::size_t kFewInputs = 4;

  void declare_peepholes(ParameterTable& table, const std::string& name);
  void declare_layer_norm(ParameterTable& table, const std::string& name);
  void initialise_biases(std::span<T> weights, std::uint64_t seed) const;
  void pack_biases(std::span<const T> weights);

  /// Whether the output gate sees all of c_t, so that its product comes after all of the state.
  bool output_waits() const noexcept {
    return options_.peephole == Peephole::full && options_.output_peephole == OutputPeephole::current &&
           at_.o;
  }
  bool fused_with_product() const noexcept {
    return fused_ && !output_waits() && options_.feedback == Feedback::hidden;
  }
  /// Where the diagonal peepholes of f and o begin, which come behind those of the gates before.
  std::size_t p_f() const noexcept { return at_.i ? at_.cells : 0; }
  std::size_t p_o() const noexcept { return p_f() + (at_.f ? at_.cells : 0); }

  kernels::LstmPolicy policy() const noexcept;
  kernels::LstmForward<T> arithmetic(const CellStep<T>& step) const noexcept;
  kernels::LstmBackward<T> arithmetic(const CellStepBack<T>& step) const noexcept;
  void products_before(const CellStep<T>& step) const noexcept;
  void forward_in_parts(const CellStep<T>& step, const kernels::LstmForward<T>& gates) const noexcept;
  void clip_projected(const CellStep<T>& step) const noexcept;
  void backward_projection(const CellStepBack<T>& step) const noexcept;

  // lstm_rows.cpp. Diagonal peepholes of some cells: forward, to their gates, and back.
  void see(const T* p, const T* c, Share::Range cells, T* gate) const noexcept;
  void seen(const T* p, const T* d_gate, Share::Range cells, T* dc) const noexcept;
  /// From a gate of each block to each cell of it; the sum over each block's cells to its gate.
  void to_cells(const Columns& gate, const Columns& each, T* row) const noexcept;
  void from_cells(const Columns& gate, const Columns& each, T* row) const noexcept;
  void normalise_input(T* row) const noexcept;
  /// z(c), or of its normalised form
  void output_of(const T* c, const T* normalised, T* output) const noexcept;
  void state_row(const CellStep<T>& step, const kernels::LstmForward<T>& gates, std::size_t r) const noexcept;
  void output_row(const CellStep<T>& step, const kernels::LstmForward<T>& gates,
                  std::size_t r) const noexcept;
  void backward_output_row(const CellStepBack<T>& step, const kernels::LstmBackward<T>& gates,
                           std::size_t r) const noexcept;
  void backward_state_row(const CellStepBack<T>& step, const kernels::LstmBackward<T>& gates,
                          std::size_t r) const noexcept;

  std::string name_;
  LstmOptions options_;
  LstmColumns at_;
  bool plain_, fused_, shares_;
  /// Offsets in the weight vector.
  struct Offsets {
    std::size_t W = 0, R = 0, b = 0, p = 0, P = 0, Q = 0, W_p = 0, gain_x = 0, gain_h = 0, gain_c = 0,
                b_c = 0;
  } offset_;
  Factor<T> W_, R_, W_p_;
  Factor<T> P_, P_o_;      // of i and f, and of o
  Factor<T> Q_, Q_o_;      // of i and f, and of o; where all units are fed, Q_ is of all
  AlignedVector<T> bias_;  // [G], zeros for units that have none
  AlignedVector<T> p_;     // diagonal peepholes [gates, H]
  AlignedVector<T> gain_x_, gain_h_, gain_c_, b_c_;
  kernels::LstmSequence<T> sequence_;
};

}  // namespace carousel
