// An LSTM cell's parameters: where they lie, their first values, and the kernels' copies of them.
#include <algorithm>
#include <cmath>

#include "cells/lstm_cell.h"
#include "cells/orthogonal.h"
#include "kernels/activations.h"
#include "tensor/initialise.h"

namespace carousel {

template <class T>
void LstmCell<T>::declare(ParameterTable& table, const std::string& name) {
  using Factor = WeightGradient::Factor;
  const std::size_t F = this->inputs(), H = at_.cells, O = this->outputs(), G = at_.gates;
  const std::size_t seen = at_.before_cell + at_.o.count;  // by gates
  offset_.W = table.add_matrix(name + ".W", G, F);
  this->add_gradient(WeightGradient{offset_.W, at_.d_input.begin, G, Factor::input, 0, F});
  if (options_.feedback == Feedback::hidden) {
    offset_.R = table.add_matrix(name + ".R", G, O);
    this->add_gradient(WeightGradient{offset_.R, at_.d_recurrent.begin, G, Factor::hidden, 0, O});
  }
  if (options_.bias == Biases::all) {
    offset_.b = table.add(name + ".b", {G});
    this->add_gradient(BiasGradient{offset_.b, 0, G});
  } else if (options_.bias == Biases::gates && seen > 0) {
    offset_.b = table.add(name + ".b", {seen});
    if (at_.before_cell > 0) this->add_gradient(BiasGradient{offset_.b, 0, at_.before_cell});
    if (at_.o) this->add_gradient(BiasGradient{offset_.b + at_.before_cell, at_.o.begin, at_.o.count});
  }
  if (options_.peephole != Peephole::none) declare_peepholes(table, name);
  if (const std::size_t A = at_.memory_gates.count; A > 0) {
    const bool all = options_.gate_recurrence == GateRecurrence::all;
    offset_.Q = table.add_matrix(name + ".Q", all ? G : A, A);
    if (all || at_.before_cell > 0)
      this->add_gradient(
          WeightGradient{offset_.Q, 0, all ? G : at_.before_cell, Factor::memory_before, H, A});
    if (!all && at_.o)
      this->add_gradient(WeightGradient{offset_.Q + at_.before_cell * A, at_.o.begin, at_.o.count,
                                        Factor::memory_before, H, A});
  }
  if (options_.projection > 0) {
    offset_.W_p = table.add_matrix(name + ".W_p", O, H);
    this->add_gradient(
        WeightGradient{offset_.W_p, at_.d_projected.begin, O, Factor::activation, at_.unprojected.begin, H});
  }
  if (options_.layer_norm) declare_layer_norm(table, name);
}

template <class T>
void LstmCell<T>::declare_peepholes(ParameterTable& table, const std::string& name) {
  using Factor = WeightGradient::Factor;
  const std::size_t H = at_.cells, gates = at_.before_cell + at_.o.count;
  const Factor seen_by_o =
      options_.output_peephole == OutputPeephole::current ? Factor::memory : Factor::memory_before;
  if (options_.peephole == Peephole::full) {
    offset_.P = table.add_matrix(name + ".P", gates, H);
    if (at_.before_cell > 0)
      this->add_gradient(WeightGradient{offset_.P, 0, at_.before_cell, Factor::memory_before, 0, H});
    if (at_.o)
      this->add_gradient(
          WeightGradient{offset_.P + at_.before_cell * H, at_.o.begin, at_.o.count, seen_by_o, 0, H});
    return;
  }
  offset_.p = table.add(name + ".p", {p_o() / H + (at_.o ? 1 : 0), H});
  const auto add = [&](const Columns& gate, const Columns& each, std::size_t first, Factor factor) {
    if (gate)
      this->add_gradient(DiagonalGradient{offset_.p + first, at_.of_cells(gate, each).begin, H, factor});
  };
  add(at_.i, at_.each_i, 0, Factor::memory_before);
  add(at_.f, at_.each_f, p_f(), Factor::memory_before);
  add(at_.o, at_.each_o, p_o(), seen_by_o);
}

template <class T>
void LstmCell<T>::declare_layer_norm(ParameterTable& table, const std::string& name) {
  const auto add = [&](const char* what, const Columns& gradient) {
    const std::size_t offset = table.add(name + what, {gradient.count});
    this->add_gradient(BiasGradient{offset, gradient.begin, gradient.count});
    return offset;
  };
  offset_.gain_x = add(".gain_x", at_.d_input_gain);
  offset_.gain_h = add(".gain_h", at_.d_recurrent_gain);
  offset_.gain_c = add(".gain_c", at_.d_cell_gain);
  offset_.b_c = add(".b_c", at_.d_cell_bias);
}

template <class T>
std::size_t LstmCell<T>::unit_of(const Parameter& parameter, std::size_t element) const {
  const std::size_t row = row_of(parameter, element), S = options_.cells_per_block;
  const auto is = [&](bool there, std::size_t offset) { return there && parameter.offset == offset; };
  if (is(options_.projection > 0, offset_.W_p)) return at_.blocks + row;
  if (is(options_.peephole == Peephole::diagonal, offset_.p)) return element % at_.cells / S;
  if (is(options_.layer_norm, offset_.gain_c) || is(options_.layer_norm, offset_.b_c)) return row / S;
  const bool of_cell_input =
      parameter.shape[0] == at_.gates && row >= at_.g.begin && row < at_.g.begin + at_.cells;
  return of_cell_input ? (row - at_.g.begin) / S : row % at_.blocks;
}
template <class T>
std::size_t LstmCell<T>::unit_of_state(std::size_t value) const {
  const std::size_t O = this->outputs(), H = at_.cells, S = options_.cells_per_block;
  if (value < O) return options_.projection > 0 ? at_.blocks + value : value / S;
  return value < O + H ? (value - O) / S : (value - O - H) % at_.blocks;
}

template <class T>
void LstmCell<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  const std::size_t F = this->inputs(), H = at_.cells, O = this->outputs(), G = at_.gates;
  const auto uniform = [&](std::size_t offset, std::size_t count, double limit) {
    fill_uniform(weights.subspan(offset, count), limit, seed, offset);
  };
  const auto per_input = [](std::size_t inputs) { return 1.0 / std::sqrt(static_cast<double>(inputs)); };
  uniform(offset_.W, G * F, glorot_limit(F, H));
  if (options_.feedback == Feedback::hidden) {
    if (options_.recurrent_start == RecurrentStart::uniform)
      uniform(offset_.R, G * O, per_input(O));
    else
      for (const Columns& gate : {at_.i, at_.f, at_.g, at_.o})
        if (gate)
          fill_orthogonal(weights.data() + offset_.R + gate.begin * O, gate.count, O, seed,
                          offset_.R + gate.begin);
  }
  const std::size_t gates = at_.before_cell + at_.o.count;
  if (options_.peephole == Peephole::full) uniform(offset_.P, gates * H, per_input(H));
  if (options_.peephole == Peephole::diagonal)
    uniform(offset_.p, gates * options_.cells_per_block, per_input(H));
  if (const std::size_t A = at_.memory_gates.count; A > 0)
    uniform(offset_.Q, (options_.gate_recurrence == GateRecurrence::all ? G : A) * A, per_input(A));
  if (options_.projection > 0) uniform(offset_.W_p, O * H, glorot_limit(H, O));
  if (options_.layer_norm) {
    for (const std::size_t gain : {offset_.gain_x, offset_.gain_h})
      std::ranges::fill(weights.subspan(gain, G), T(1));
    std::ranges::fill(weights.subspan(offset_.gain_c, H), T(1));
    std::ranges::fill(weights.subspan(offset_.b_c, H), T(0));
  }
  if (options_.bias != Biases::none) initialise_biases(weights, seed);
}

template <class T>
void LstmCell<T>::initialise_biases(std::span<T> weights, std::uint64_t seed) const {
  const std::size_t count = options_.bias == Biases::all ? at_.gates : at_.before_cell + at_.o.count;
  const std::span<T> b = weights.subspan(offset_.b, count);
  std::ranges::fill(b, T(0));
  if (!at_.f) return;
  const std::span<T> forget = b.subspan(at_.f.begin, at_.f.count);
  std::ranges::fill(forget, static_cast<T>(options_.forget_bias));
  if (options_.chrono == 0) return;
  // Tallec & Ollivier, ICLR 2018: lags uniform in [1, chrono - 1], b_f their logarithm, b_i = -b_f.
  const Random random(seed, offset_.b);
  for (std::size_t j = 0; j < forget.size(); ++j) {
    double log_lag = random.uniform(j, 1.0, options_.chrono - 1.0);
    kernels::log(&log_lag, &log_lag, 1);
    forget[j] = static_cast<T>(log_lag);
    if (at_.i) b[at_.i.begin + j] = static_cast<T>(-log_lag);
  }
}

template <class T>
void LstmCell<T>::pack(std::span<const T> weights, const Packing& packing) {
  const std::size_t F = this->inputs(), H = at_.cells, O = this->outputs(), G = at_.gates;
  // A product with bf16 has the bits of one with the same weights in float32, which a small cell is faster
  // with.
  const bool widened =
      plain_ && packing.weights == WeightFormat::bf16 && kernels::LstmSequence<T>::takes(F, H);
  const Packing as{widened ? WeightFormat::float32 : packing.weights, packing.backward};
  // Gates take turns where the arithmetic follows on each tile of sums.
  const std::size_t parts = fused_ ? G / H : 1;
  const auto at = [&](std::size_t offset) { return weights.data() + offset; };
  W_.pack(at(offset_.W), G, F, parts, as);
  if (options_.feedback == Feedback::hidden) R_.pack(at(offset_.R), G, O, parts, as);
  if (options_.peephole == Peephole::full) {
    if (at_.before_cell > 0) P_.pack(at(offset_.P), at_.before_cell, H, 1, as);
    if (at_.o) P_o_.pack(at(offset_.P + at_.before_cell * H), at_.o.count, H, 1, as);
  }
  if (const std::size_t A = at_.memory_gates.count; A > 0) {
    const bool all = options_.gate_recurrence == GateRecurrence::all;
    if (all || at_.before_cell > 0) Q_.pack(at(offset_.Q), all ? G : at_.before_cell, A, 1, as);
    if (!all && at_.o) Q_o_.pack(at(offset_.Q + at_.before_cell * A), at_.o.count, A, 1, as);
  }
  if (options_.projection > 0) W_p_.pack(at(offset_.W_p), O, H, 1, as);
  const auto copy = [&](std::size_t offset, std::size_t count, AlignedVector<T>& to) {
    to.assign(at(offset), at(offset) + count);
  };
  if (options_.peephole == Peephole::diagonal)
    copy(offset_.p, (at_.before_cell + at_.o.count) * options_.cells_per_block, p_);
  if (options_.layer_norm) {
    copy(offset_.gain_x, G, gain_x_);
    copy(offset_.gain_h, G, gain_h_);
    copy(offset_.gain_c, H, gain_c_);
    copy(offset_.b_c, H, b_c_);
  }
  pack_biases(weights);
  if (runs_alone()) sequence_.pack(W_.forward, R_.forward, bias_.data());
}

template <class T>
void LstmCell<T>::pack_biases(std::span<const T> weights) {
  const T* const b = weights.data() + offset_.b;
  bias_.assign(at_.gates, T(0));
  if (options_.bias == Biases::all) std::copy_n(b, at_.gates, bias_.begin());
  if (options_.bias != Biases::gates) return;
  std::copy_n(b, at_.before_cell, bias_.begin());
  std::copy_n(b + at_.before_cell, at_.o.count, bias_.begin() + at_.o.begin);
}

template class LstmCell<float>;
template class LstmCell<double>;

}  // namespace carousel
