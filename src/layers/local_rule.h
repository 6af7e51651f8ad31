// The learning rule of lstm_g, local in space and time: Monner & Reggia, Neural Networks 25, 2012; equations
// in docs/equations.md. While a stream runs, each learned connection carries an eligibility trace; each unit
// that gates connections into a later unit k with a self-connection carries one more for k (extended traces).
// After any step, errors at the outputs give a gradient, in which error flows through connections of that
// step only: all of the past is in the traces. Memory and time for a step do not depend on how many there
// were.
//
// On a network wired as an LSTM (layers/lstm_wiring.h) it is the truncated rule of Hochreiter & Schmidhuber
// 1997 and Gers, Schmidhuber & Cummins 2000; with a peephole that shows the output gate the present cell, it
// has what comes back through that peephole as well, which the truncated rule leaves out.
#pragma once

#include <span>

#include "layers/links.h"
#include "layers/lstm_g.h"

namespace carousel {

/// One stream through an lstm_g layer. Weights may change (and be packed) between any two calls.
template <class T>
class LocalRule {
 public:
  /// The layer must outlive the rule.
  explicit LocalRule(const LstmG<T>& layer);

  /// Begins a sequence: all traces are 0.
  void restart() noexcept;
  /// One time step, as Layer::step: x [inputs], state [state_size()] updated, y [outputs]; then the traces.
  /// No allocation.
  void step(std::span<const T> x, std::span<T> state, std::span<T> y) noexcept;
  /// dy [outputs]: gradient of the error of the last step on its y. Adds the rule's to `gradient`, which is
  /// laid out like the weights of the network; a weight's change is minus the learning rate times it. No
  /// allocation.
  void add_gradient(std::span<const T> dy, std::span<T> gradient) noexcept;

  /// Numbers that are kept from step to step.
  std::size_t traces() const noexcept { return eligibility_.size() + extended_.size(); }
  /// They, as windows.
  std::span<T> eligibility() noexcept { return eligibility_; }
  std::span<T> extended() noexcept { return extended_; }

 private:
  /// The extended traces that the units of one group keep for those of another, whose incoming connections
  /// they gate: for each unit k of that one, a trace for each learned weight of the unit that gates it.
  struct Extended {
    const Group* gating;
    const Group* gated;
    const Link* gate;   // a link to `gated` that `gating` gates
    std::size_t begin;  // in extended_
  };

  LinkValues<T> values(const Link& link) const noexcept {
    return {link, layer_.packed().data(), before_.data(), now_.data()};
  }
  bool keeps_state(const Group& group) const noexcept;
  void add_extension(const Group& gated, const Link& gate);
  void follow_extended(const Extended& extended) noexcept;
  void spread_error(const Group& group) noexcept;
  void add_extended(const Extended& extended, std::span<T> gradient) const noexcept;

  const LstmG<T>& layer_;
  const Circuit& circuit_;
  std::vector<Extended> extensions_;
  AlignedVector<T> eligibility_;  // a trace for each weight, in the order of the packed ones
  AlignedVector<T> extended_;
  AlignedVector<T> before_, now_;             // rows of values
  AlignedVector<T> slope_, carried_;          // [units] f'_j; g_jj w_jj
  AlignedVector<T> influence_;                // [units] of one group: how much s_k changes with its gater
  AlignedVector<T> projected_;                // row of values: error that comes back through connections
  AlignedVector<T> gated_, gated_with_past_;  // [units] through gated ones, without and with extended traces
  AlignedVector<T> error_;                    // [units] on s
};

}  // namespace carousel
