#include "training/online/truncated_rule.h"

#include <algorithm>

namespace carousel {

namespace {

/// to += factor * from
template <class T>
void add_scaled(T factor, const T* from, T* to, std::size_t n) noexcept {
  for (std::size_t j = 0; j < n; ++j) to[j] += factor * from[j];
}

}  // namespace

template <class T>
TruncatedRule<T>::TruncatedRule(const Network<T>& network)
    : shape_(truncated_shape(network.spec(), network.inputs())),
      at_(shape_),
      places_(at_.places(shape_, network.parameters())),
      weights_(at_.weights, T(0)),
      collected_(at_.weights, T(0)),
      y_(at_.sources, T(1)),
      s_before_(at_.H, T(0)),
      units_(at_.units, T(0)),
      slopes_(at_.units, T(0)),
      kept_(at_.traces, T(1)),
      added_(at_.traces, T(0)),
      z_(at_.H, T(0)),
      seen_(at_.output_sources, T(1)),
      out_(at_.N, T(0)),
      d_(at_.N, T(0)),
      error_(at_.H, T(0)),
      output_error_(at_.B, T(0)),
      work_(at_.traces, T(0)) {
  active_.reserve(at_.sources);
  const std::size_t traces = checked_multiply(at_.sources, at_.traces, "traces");
  const std::size_t cell_traces = at_.peepholes ? at_.S * at_.gate_traces : 0;
  const std::size_t states = 2 * at_.H + at_.gates;
  memory_.assign(checked_add(traces, states + cell_traces, "traces"), T(0));
  const std::span<T> all(memory_);
  s_ = all.first(at_.H);
  h_ = all.subspan(at_.H, at_.H);
  before_ = all.subspan(2 * at_.H, at_.gates);
  traces_ = all.subspan(states, traces);
  cell_traces_ = all.last(cell_traces);
  set_weights(network.weights());
}

template <class T>
void TruncatedRule<T>::set_weights(std::span<const T> weights) noexcept {
  for (std::size_t k = 0; k < at_.weights; ++k)
    weights_[k] = places_[k] == TruncatedLayout::kNone ? T(0) : weights[places_[k]];
}

template <class T>
void TruncatedRule<T>::spread(const AlignedVector<T>& from, std::span<T> to) const noexcept {
  for (std::size_t k = 0; k < at_.weights; ++k)
    if (places_[k] != TruncatedLayout::kNone) to[places_[k]] = from[k];
}

template <class T>
void TruncatedRule<T>::restart() noexcept {
  std::ranges::fill(memory_, T(0));
}

// ---- a step ----

template <class T>
std::span<const T> TruncatedRule<T>::step(std::span<const T> x) noexcept {
  std::ranges::copy(x, y_.begin());
  std::copy_n(h_.begin(), at_.h.count, y_.data() + at_.h.begin);
  std::copy_n(before_.begin(), at_.before.count, y_.data() + at_.before.begin);
  std::ranges::copy(s_, s_before_.begin());
  sum_sources();
  activate_gates();
  move_cells();
  follow();
  if (at_.peepholes) follow_peepholes();
  put_out_cells();
  put_out();
  return out_;
}

template <class T>
void TruncatedRule<T>::sum_sources() noexcept {
  active_.clear();
  for (std::size_t m = 0; m < at_.sources; ++m)
    if (y_[m] != 0) active_.push_back(m);
  std::ranges::fill(units_, T(0));
  for (const std::size_t m : active_)
    add_scaled(y_[m], weights_.data() + at_.W + m * at_.units, units_.data(),
               at_.gates_alone(m) ? at_.gates : at_.units);
}

template <class T>
void TruncatedRule<T>::see_cells(const Units& gate, std::size_t p, const T* cells) noexcept {
  for (std::size_t c = 0; gate && at_.peepholes && c < at_.H; ++c)
    units_[gate.begin + block(c)] += weights_[p + c] * cells[c];
}

template <class T>
void TruncatedRule<T>::activate_gates() noexcept {
  const LstmOptions& options = shape_.options;
  see_cells(at_.i, at_.p_i, s_before_.data());
  see_cells(at_.f, at_.p_f, s_before_.data());
  if (options.output_peephole == OutputPeephole::previous) see_cells(at_.o, at_.p_o, s_before_.data());
  const bool o_waits = at_.peepholes && options.output_peephole == OutputPeephole::current;
  kernels::activate(options.gate_activation, units_.data(), o_waits ? at_.o.begin : at_.gates);
  kernels::activate(options.input_activation, units_.data() + at_.g.begin, at_.H);
  std::ranges::fill(slopes_, T(1));
  kernels::activation_gradient(options.gate_activation, units_.data(), slopes_.data(), at_.o.begin);
  kernels::activation_gradient(options.input_activation, units_.data() + at_.g.begin,
                               slopes_.data() + at_.g.begin, at_.H);
}

/// Also makes what the traces need.
template <class T>
void TruncatedRule<T>::move_cells() noexcept {
  const T *const i = units_.data() + at_.i.begin, *const f = units_.data() + at_.f.begin,
                 *const g = units_.data() + at_.g.begin;
  const T *const di = slopes_.data() + at_.i.begin, *const df = slopes_.data() + at_.f.begin,
                 *const dg = slopes_.data() + at_.g.begin;
  for (std::size_t c = 0; c < at_.H; ++c) {
    const std::size_t b = block(c);
    const T opened = at_.i ? i[b] : T(1), kept = at_.f ? f[b] : T(1);
    s_[c] = kept * s_before_[c] + opened * g[c];
    added_[at_.trace_g.begin + c] = opened * dg[c];
    kept_[at_.trace_g.begin + c] = kept;
    if (at_.i) added_[at_.trace_i.begin + c] = g[c] * di[b], kept_[at_.trace_i.begin + c] = kept;
    if (at_.f) added_[at_.trace_f.begin + c] = s_before_[c] * df[b], kept_[at_.trace_f.begin + c] = kept;
  }
}

template <class T>
void TruncatedRule<T>::follow() noexcept {
  const auto traces_of = [&](std::size_t m) { return at_.gates_alone(m) ? at_.gate_traces : at_.traces; };
  if (!at_.f) {  // nothing fades
    for (const std::size_t m : active_)
      add_scaled(y_[m], added_.data(), traces_.data() + m * at_.traces, traces_of(m));
    return;
  }
  for (std::size_t m = 0; m < at_.sources; ++m) {
    T* const trace = traces_.data() + m * at_.traces;
    const T y = y_[m];
    for (std::size_t k = 0; k < traces_of(m); ++k) trace[k] = kept_[k] * trace[k] + y * added_[k];
  }
}

template <class T>
void TruncatedRule<T>::follow_peepholes() noexcept {
  for (std::size_t v = 0; v < at_.S; ++v) {
    T* const trace = cell_traces_.data() + v * at_.gate_traces;
    for (std::size_t k = 0; k < at_.gate_traces; ++k) {
      const std::size_t c = k % at_.H;  // i | f of all cells
      trace[k] = kept_[k] * trace[k] + s_before_[block(c) * at_.S + v] * added_[k];
    }
  }
}

template <class T>
void TruncatedRule<T>::put_out_cells() noexcept {
  const LstmOptions& options = shape_.options;
  if (at_.peepholes && options.output_peephole == OutputPeephole::current && at_.o) {
    see_cells(at_.o, at_.p_o, s_.data());
    kernels::activate(options.gate_activation, units_.data() + at_.o.begin, at_.B);
  }
  std::ranges::copy(s_, z_.begin());
  kernels::activate(options.output_activation, z_.data(), at_.H);
  for (std::size_t c = 0; c < at_.H; ++c) h_[c] = at_.o ? units_[at_.o.begin + block(c)] * z_[c] : z_[c];
  std::copy_n(units_.begin(), at_.gates, before_.begin());
}

template <class T>
void TruncatedRule<T>::put_out() noexcept {
  std::copy_n(y_.data(), at_.output_x.count, seen_.data());
  std::ranges::copy(h_, seen_.data() + at_.output_h.begin);
  std::ranges::fill(out_, T(0));
  for (std::size_t m = 0; m < at_.output_sources; ++m)
    if (seen_[m] != 0) add_scaled(seen_[m], weights_.data() + at_.V + m * at_.N, out_.data(), at_.N);
  kernels::activate(shape_.activation, out_.data(), at_.N);
}

// ---- an error ----

template <class T>
void TruncatedRule<T>::learn(std::span<const T> dy, T rate) noexcept {
  add_gradient(dy, -rate, weights_);
}

template <class T>
void TruncatedRule<T>::collect(std::span<const T> dy) noexcept {
  add_gradient(dy, T(1), collected_);
}

template <class T>
void TruncatedRule<T>::learn_collected(T rate) noexcept {
  add_scaled(-rate, collected_.data(), weights_.data(), at_.weights);
  std::ranges::fill(collected_, T(0));
}

template <class T>
void TruncatedRule<T>::add_gradient(std::span<const T> dy, T factor, AlignedVector<T>& to) noexcept {
  find_errors(dy, factor);
  add_to_outputs(to.data() + at_.V);
  add_to_units(to.data() + at_.W);
  if (at_.peepholes) add_to_peepholes(to.data());
}

/// All of them `factor` times what they are.
template <class T>
void TruncatedRule<T>::find_errors(std::span<const T> dy, T factor) noexcept {
  for (std::size_t k = 0; k < at_.N; ++k) d_[k] = factor * dy[k];
  kernels::activation_gradient(shape_.activation, out_.data(), d_.data(), at_.N);
  std::ranges::fill(output_error_, T(0));
  for (std::size_t c = 0; c < at_.H; ++c) {
    const T* const v = weights_.data() + at_.V + (at_.output_h.begin + c) * at_.N;
    T back = 0;
    for (std::size_t k = 0; k < at_.N; ++k) back += v[k] * d_[k];
    output_error_[block(c)] += z_[c] * back;
    error_[c] = at_.o ? units_[at_.o.begin + block(c)] * back : back;
  }
  kernels::activation_gradient(shape_.options.output_activation, z_.data(), error_.data(), at_.H);
  if (at_.o)
    kernels::activation_gradient(shape_.options.gate_activation, units_.data() + at_.o.begin,
                                 output_error_.data(), at_.B);
}

template <class T>
void TruncatedRule<T>::add_to_outputs(T* V) const noexcept {
  for (std::size_t m = 0; m < at_.output_sources; ++m)
    if (seen_[m] != 0) add_scaled(seen_[m], d_.data(), V + m * at_.N, at_.N);
}

template <class T>
void TruncatedRule<T>::add_to_units(T* W) const noexcept {
  const auto to_blocks = [&](const Units& traces, const Units& gate, const T* trace, T* w) {
    for (std::size_t c = 0; c < traces.count; ++c)
      w[gate.begin + block(c)] += error_[c] * trace[traces.begin + c];
  };
  for (std::size_t m = 0; m < at_.sources; ++m) {
    const T* const trace = traces_.data() + m * at_.traces;
    T* const w = W + m * at_.units;
    to_blocks(at_.trace_i, at_.i, trace, w);
    to_blocks(at_.trace_f, at_.f, trace, w);
    if (at_.o) add_scaled(y_[m], output_error_.data(), w + at_.o.begin, at_.B);
    if (at_.gates_alone(m)) continue;
    for (std::size_t c = 0; c < at_.H; ++c) w[at_.g.begin + c] += error_[c] * trace[at_.trace_g.begin + c];
  }
}

template <class T>
void TruncatedRule<T>::add_to_peepholes(T* to) const noexcept {
  const T* const seen_by_o =
      shape_.options.output_peephole == OutputPeephole::current ? s_.data() : s_before_.data();
  for (std::size_t c = 0; c < at_.H; ++c) {
    for (std::size_t v = 0; v < at_.S; ++v) {
      const T* const trace = cell_traces_.data() + v * at_.gate_traces;
      const std::size_t seen = block(c) * at_.S + v;
      if (at_.i) to[at_.p_i + seen] += error_[c] * trace[at_.trace_i.begin + c];
      if (at_.f) to[at_.p_f + seen] += error_[c] * trace[at_.trace_f.begin + c];
    }
    if (at_.o) to[at_.p_o + c] += output_error_[block(c)] * seen_by_o[c];
  }
}

template class TruncatedRule<float>;
template class TruncatedRule<double>;

}  // namespace carousel
