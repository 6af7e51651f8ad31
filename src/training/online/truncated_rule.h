// The rule that the LSTM was published with: Hochreiter & Schmidhuber, Neural Computation 9, 1997, appendix
// A.1; forget gates: Gers, Schmidhuber & Cummins, ibid. 12, 2000; peepholes: Gers, Schraudolph &
// Schmidhuber, JMLR 3, 2002. Error flows from the outputs to the cells' outputs, into the output gates, and
// through the cells' states to input gates, forget gates and cell inputs, at whatever time their sources were
// seen; where it would leave a memory block by a weight it is cut off. So forward, with every step,
//
//     ds_c/dw_um(t) = f_c ds_c/dw_um(t-1) + d_u y_m      d_g = i g',  d_i = g i',  d_f = s_c(t-1) f'
//
// for the units u = g, i, f of cell c and all sources m that they see, and when an error dy comes to the
// outputs, with d_k = dy_k y'_k and e_c = sum over k of v_kc d_k,
//
//     dv_km = d_k y_m     dw_om = o' (sum over c of z(s_c) e_c) y_m
//     dw_um = sum over cells c of the block of e_c o z'(s_c) ds_c/dw_um
#pragma once

#include "base/aligned.h"
#include "model/network.h"
#include "training/online/online_rule.h"
#include "training/online/truncated_layout.h"

namespace carousel {

template <class T>
class TruncatedRule final : public OnlineRule<T> {
 public:
  /// With the weights that the network has; it need not outlive the rule. Throws SettingError like
  /// truncated_shape.
  explicit TruncatedRule(const Network<T>& network);

  std::size_t inputs() const noexcept override { return at_.F; }
  std::size_t outputs() const noexcept override { return at_.N; }
  void get_weights(std::span<T> weights) const noexcept override { spread(weights_, weights); }
  void set_weights(std::span<const T> weights) noexcept override;
  void restart() noexcept override;
  std::span<const T> step(std::span<const T> x) noexcept override;
  void learn(std::span<const T> dy, T rate) noexcept override;
  void collect(std::span<const T> dy) noexcept override;
  void learn_collected(T rate) noexcept override;
  void get_collected(std::span<T> gradient) const noexcept override { spread(collected_, gradient); }
  std::vector<NamedSpan<T>> memory() override { return {{"memory", memory_}}; }

 private:
  using Units = TruncatedLayout::Units;

  // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): a block has a cell at least
  std::size_t block(std::size_t cell) const noexcept { return cell / at_.S; }
  void spread(const AlignedVector<T>& from, std::span<T> to) const noexcept;

  // Of a step, in this order.
  void sum_sources() noexcept;
  void see_cells(const Units& gate, std::size_t p, const T* cells) noexcept;
  void activate_gates() noexcept;
  void move_cells() noexcept;
  void follow() noexcept;
  void follow_peepholes() noexcept;
  void put_out() noexcept;
  void put_out_cells() noexcept;

  // Of what an error changes: adds `factor` times the gradient to `to`, which is laid out like weights_.
  void add_gradient(std::span<const T> dy, T factor, AlignedVector<T>& to) noexcept;
  void find_errors(std::span<const T> dy, T factor) noexcept;
  void add_to_outputs(T* V) const noexcept;
  void add_to_units(T* W) const noexcept;
  void add_to_peepholes(T* to) const noexcept;

  TruncatedShape shape_;
  TruncatedLayout at_;
  std::vector<std::size_t> places_;
  AlignedVector<T> weights_, collected_;
  AlignedVector<T> memory_;          // windows on it:
  std::span<T> s_, h_;               // [H] states and outputs of the cells
  std::span<T> before_;              // [gates] their activities
  std::span<T> traces_;              // [sources, traces] ds/dw
  std::span<T> cell_traces_;         // [S, gate_traces] ds/dp, of the first, second, ... cell of each block
  AlignedVector<T> y_;               // [sources] what is seen in a step
  std::vector<std::size_t> active_;  // those of them that are not 0
  AlignedVector<T> s_before_;        // [H]
  AlignedVector<T> units_, slopes_;  // [units] activities of gates and cell inputs
  AlignedVector<T> kept_, added_;    // [traces] f_c, and what a source of 1 adds
  AlignedVector<T> z_, seen_;        // [H] z(s); [output_sources] what outputs see
  AlignedVector<T> out_, d_;         // [N]
  AlignedVector<T> error_, output_error_;  // [H] on s; [B] on the output gates' sums
  AlignedVector<T> work_;                  // [traces]
};

}  // namespace carousel
