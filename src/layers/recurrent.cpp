#include "layers/recurrent.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/reductions.h"
#include "layers/check.h"
#include "layers/initialise.h"

namespace carousel {

namespace {

// Rows of one input product just ahead of their steps: enough for the kernel to run at full speed, few enough
// that the result is still in the second-level cache when the steps read it.
constexpr std::size_t kBlockRows = 96;

// A step of so few rows for each thread is bound by reading the recurrent weights; then threads share out the
// units and meet after every step, if the weights are more than a second-level cache's share.
constexpr std::size_t kFewRows = 6;
constexpr std::size_t kWorthABarrier = std::size_t{1} << 19;

// Rows of one segment of backward, at least: its gate gradients are the left factor of one weight-gradient
// product. Part of the contract, like kBlockK: segments are where partial sums over time begin.
constexpr std::size_t kSegmentRows = 512;

/// Copies rows given by sequence number into slots, or back.
template <class T>
void to_slots(const SequenceLayout& layout, View<const T> by_sequence, View<T> by_slot) {
  for (std::size_t s = 0; s < layout.batch(); ++s)
    std::ranges::copy(by_sequence.row_span(layout.sequence(s)), by_slot.row(s));
}
template <class T>
void from_slots(const SequenceLayout& layout, View<const T> by_slot, View<T> by_sequence) {
  for (std::size_t s = 0; s < layout.batch(); ++s)
    std::ranges::copy(by_slot.row_span(s), by_sequence.row(layout.sequence(s)));
}

/// Rows of `tensor` that belong to time step t and slots [begin, begin + count).
template <class T>
auto step_rows(T&& tensor, const SequenceLayout& layout, std::size_t t, std::size_t begin,
               std::size_t count) {
  return tensor.matrix().rows(layout.first_row(t) + begin, count);
}

}  // namespace

template <class T>
Recurrent<T>::Recurrent(std::size_t inputs, std::size_t hidden, double forget_bias)
    : Layer<T>(inputs, hidden), cell_(inputs, hidden), forget_bias_(forget_bias) {}

template <class T>
std::string Recurrent<T>::description() const {
  return fmt::format("lstm, hidden {}, forget gate, no peepholes", cell_.outputs());
}

template <class T>
void Recurrent<T>::declare(ParameterTable& table, const std::string& name) {
  W_ = table.add(name + ".W", {cell_.gates(), cell_.inputs()});
  R_ = table.add(name + ".R", {cell_.gates(), cell_.outputs()});
  b_ = table.add(name + ".b", {cell_.gates()});
}

template <class T>
void Recurrent<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  const std::size_t H = cell_.outputs(), F = cell_.inputs(), G = cell_.gates();
  fill_uniform(weights.subspan(W_, G * F), glorot_limit(F, H), seed, W_);
  fill_uniform(weights.subspan(R_, G * H), 1.0 / std::sqrt(static_cast<double>(H)), seed, R_);
  const std::span<T> b = weights.subspan(b_, G);
  std::ranges::fill(b, T(0));
  std::ranges::fill(b.subspan(static_cast<std::size_t>(Gate::forget) * H, H), static_cast<T>(forget_bias_));
}

template <class T>
void Recurrent<T>::pack(std::span<const T> weights) {
  const std::size_t H = cell_.outputs(), F = cell_.inputs(), G = cell_.gates();
  cell_.pack(weights.subspan(W_, G * F), weights.subspan(R_, G * H), weights.subspan(b_, G));
}

template <class T>
void Recurrent<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                           Trace<T>& base) const {
  check_forward(*this, "recurrent.forward", x, View<const T>(state));
  Tr& trace = static_cast<Tr&>(base);
  const std::size_t B = x.layout().batch();
  prepare(pass, x, state, trace);
  y.reshape(x.layout_pointer(), cell_.outputs());
  if (!forward_by_units(*pass.pool, x, y, trace)) {
    // The rows of several time steps lie together only for whoever has all slots.
    const bool product_first = trace.kept && work_parts(*pass.pool, B, multiply_adds(x.rows())) > 1;
    if (product_first)
      split_work(*pass.pool, x.rows(), multiply_adds(x.rows()), [&](std::size_t begin, std::size_t end) {
        cell_.input_product(x.matrix().rows(begin, end - begin),
                            trace.gates.matrix().rows(begin, end - begin), cell_.groups());
      });
    split_work(*pass.pool, B, multiply_adds(x.rows()), [&](std::size_t begin, std::size_t end) {
      forward_part({begin, end, cell_.groups(), nullptr, product_first}, x, y, trace);
    });
  }
  leave_state(y, trace, state);
}

template <class T>
bool Recurrent<T>::forward_by_units(ThreadPool& pool, const Sequences<T>& x, Sequences<T>& y,
                                    Tr& trace) const {
  const std::size_t parts = pool.threads(), B = x.layout().batch(), groups = cell_.groups().end;
  const std::size_t weights = cell_.gates() * cell_.outputs() * sizeof(T);
  if (parts == 1 || groups < parts || B == 0 || B > kFewRows * parts || weights < kWorthABarrier)
    return false;
  StepBarrier barrier(parts);
  return pool.run_together(parts, [&](std::size_t part) {
    forward_part({0, B, {groups * part / parts, groups * (part + 1) / parts}, &barrier, false}, x, y, trace);
  });
}

template <class T>
void Recurrent<T>::prepare(const Pass& pass, const Sequences<T>& x, View<const T> state, Tr& trace) const {
  const SequenceLayout& layout = x.layout();
  const std::size_t B = layout.batch(), H = cell_.outputs(), M = cell_.memory();
  trace.layout = x.layout_pointer();
  trace.kept = pass.keeps_trace();
  trace.h_initial.resize({B, H});
  trace.c_initial.resize({B, M});
  to_slots(layout, state.columns(0, H), trace.h_initial.matrix());
  to_slots(layout, state.columns(H, M), trace.c_initial.matrix());
  // Without a kept trace each slot has room for the block of steps at hand only.
  const std::size_t slots = std::max<std::size_t>(1, (B + pass.pool->threads() - 1) / pass.pool->threads());
  trace.block_steps = std::max<std::size_t>(1, std::min(kBlockRows / slots, layout.time()));
  trace.gates.resize({trace.kept ? layout.rows() : B * trace.block_steps, cell_.gates()});
  trace.x_block.resize({B * trace.block_steps, cell_.inputs()});
  trace.c.resize({trace.kept ? layout.rows() : B, M});
  if (!trace.kept) std::ranges::copy(trace.c_initial.span(), trace.c.data());
}

template <class T>
void Recurrent<T>::block_product(const Part& part, const Sequences<T>& x, Tr& trace, std::size_t t_begin,
                                 std::size_t t_end) const {
  const SequenceLayout& layout = x.layout();
  const std::size_t first = layout.first_row(t_begin), buffer = part.begin * trace.block_steps;
  if (part.begin == 0 && part.end == layout.batch()) {
    const std::size_t rows = layout.first_row(t_end) - first;
    const View<T> gates = trace.gates.matrix().rows(trace.kept ? first : buffer, rows);
    return cell_.input_product(x.matrix().rows(first, rows), gates, part.groups);
  }
  std::size_t rows = 0;
  for (std::size_t t = t_begin; t < t_end && layout.active(t) > part.begin; ++t) {
    const std::size_t count = std::min(part.end, layout.active(t)) - part.begin;
    std::copy_n(x.step(t).row(part.begin), count * cell_.inputs(), trace.x_block.matrix().row(buffer + rows));
    rows += count;
  }
  cell_.input_product(trace.x_block.matrix().rows(buffer, rows), trace.gates.matrix().rows(buffer, rows),
                      part.groups);
}

template <class T>
void Recurrent<T>::forward_part(const Part& part, const Sequences<T>& x, Sequences<T>& y, Tr& trace) const {
  const SequenceLayout& layout = x.layout();
  const std::size_t begin = part.begin;
  std::size_t block_end = 0;  // one past the last step whose input product is there
  std::size_t block_row = 0;  // row of trace.gates where step t begins
  for (std::size_t t = 0; t < layout.time() && layout.active(t) > begin; ++t) {
    const std::size_t count = std::min(part.end, layout.active(t)) - begin;
    if (t == block_end && !part.product_there) {
      block_end = std::min(t + trace.block_steps, layout.time());
      block_row = begin * trace.block_steps;
      block_product(part, x, trace, t, block_end);
    }
    const View<T> gates =
        trace.gates.matrix().rows(trace.kept ? layout.first_row(t) + begin : block_row, count);
    const View<const T> h_before = t == 0 ? View<const T>(trace.h_initial.matrix().rows(begin, count))
                                          : View<const T>(step_rows(y, layout, t - 1, begin, count));
    const View<T> h = step_rows(y, layout, t, begin, count);
    if (trace.kept) {
      const View<const T> c_before = t == 0 ? View<const T>(trace.c_initial.matrix().rows(begin, count))
                                            : View<const T>(step_rows(trace.c, layout, t - 1, begin, count));
      cell_.forward(gates, h_before, c_before, step_rows(trace.c, layout, t, begin, count), h, part.groups);
    } else {
      const View<T> c = trace.c.matrix().rows(begin, count);
      cell_.forward(gates, h_before, c, c, h, part.groups);
    }
    block_row += count;
    if (part.barrier != nullptr) part.barrier->wait();
  }
}

template <class T>
void Recurrent<T>::leave_state(const Sequences<T>& y, const Tr& trace, View<T> state) const {
  const SequenceLayout& layout = y.layout();
  const std::size_t H = cell_.outputs(), M = cell_.memory();
  for (std::size_t s = 0; s < layout.batch(); ++s) {
    const std::size_t b = layout.sequence(s), length = layout.length(b);
    if (length == 0) continue;  // the state stays what it was
    std::ranges::copy(y.at(b, length - 1), state.columns(0, H).row(b));
    std::ranges::copy(trace.c.matrix().row_span(trace.kept ? layout.row(b, length - 1) : s),
                      state.columns(H, M).row(b));
  }
}

template <class T>
void Recurrent<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                            const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                            Trace<T>& base) const {
  Tr& trace = static_cast<Tr&>(base);
  check_backward(*this, "recurrent.backward", x, y, dy, View<const T>(dstate), trace.kept);
  if (*trace.layout != x.layout())
    throw Error(
        fmt::format("[recurrent.backward] expected the x [{}, {}, {}] of the forward pass before it, "
                    "got [{}, {}, {}] or other lengths",
                    trace.layout->time(), trace.layout->batch(), cell_.inputs(), x.layout().time(),
                    x.layout().batch(), x.features()));
  const SequenceLayout& layout = x.layout();
  const std::size_t B = layout.batch(), H = cell_.outputs(), M = cell_.memory();
  trace.dh.resize({B, H});
  trace.dc.resize({B, M});
  // A sequence's final state is that of its own last step: its row waits until backward reaches that step.
  to_slots(layout, View<const T>(dstate.columns(0, H)), trace.dh.matrix());
  to_slots(layout, View<const T>(dstate.columns(H, M)), trace.dc.matrix());
  if (dx != nullptr) dx->reshape(x.layout_pointer(), cell_.inputs());

  trace.dW.begin({gradient.data() + W_, cell_.gates(), cell_.inputs()});
  trace.dR.begin({gradient.data() + R_, cell_.gates(), H});
  for (std::size_t t_end = layout.time(); t_end > 0;) {
    std::size_t t_begin = t_end - 1;
    while (t_begin > 0 && layout.first_row(t_end) - layout.first_row(t_begin) < kSegmentRows) --t_begin;
    const std::size_t rows = layout.first_row(t_end) - layout.first_row(t_begin);
    trace.dgates.resize({rows, cell_.gates()});
    split_work(*pass.pool, layout.active(t_begin), multiply_adds(rows),
               [&](std::size_t begin, std::size_t end) {
                 backward_slots(pass, dy, trace, t_begin, t_end, begin, end);
               });
    segment_gradients(pass, x, y, dx, gradient, trace, t_begin, t_end);
    t_end = t_begin;
  }
  trace.dW.end();
  trace.dR.end();
  from_slots(layout, View<const T>(trace.dh.matrix()), dstate.columns(0, H));
  from_slots(layout, View<const T>(trace.dc.matrix()), dstate.columns(H, M));
}

template <class T>
void Recurrent<T>::backward_slots(const Pass& pass, const Sequences<T>& dy, Tr& trace, std::size_t t_begin,
                                  std::size_t t_end, std::size_t begin, std::size_t end) const {
  const SequenceLayout& layout = *trace.layout;
  for (std::size_t t = t_end; t-- > t_begin;) {
    if (layout.active(t) <= begin) continue;
    const std::size_t count = std::min(end, layout.active(t)) - begin;
    const View<T> dh = trace.dh.matrix().rows(begin, count), dc = trace.dc.matrix().rows(begin, count);
    const View<const T> above = step_rows(dy, layout, t, begin, count);
    for (std::size_t r = 0; r < count; ++r)
      for (std::size_t h = 0; h < dh.columns(); ++h) dh(r, h) += above(r, h);
    const View<const T> c_before = t == 0 ? View<const T>(trace.c_initial.matrix().rows(begin, count))
                                          : View<const T>(step_rows(trace.c, layout, t - 1, begin, count));
    const std::size_t segment_row = layout.first_row(t) - layout.first_row(t_begin) + begin;
    cell_.backward(step_rows(trace.gates, layout, t, begin, count), c_before,
                   step_rows(trace.c, layout, t, begin, count), dh, dc,
                   trace.dgates.matrix().rows(segment_row, count));
    if (pass.truncate > 0 && t > 0 && t % pass.truncate == 0) {
      for (std::size_t r = 0; r < count; ++r) {
        std::ranges::fill(dh.row_span(r), T(0));
        std::ranges::fill(dc.row_span(r), T(0));
      }
    }
  }
}

template <class T>
void Recurrent<T>::segment_gradients(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                                     Sequences<T>* dx, std::span<T> gradient, Tr& trace, std::size_t t_begin,
                                     std::size_t t_end) const {
  const SequenceLayout& layout = *trace.layout;
  const std::size_t first = layout.first_row(t_begin), rows = layout.first_row(t_end) - first;
  const View<const T> dgates = trace.dgates.matrix();
  const View<const T> x_rows = x.matrix().rows(first, rows);

  trace.h_before.resize({rows, cell_.outputs()});
  for (std::size_t t = t_begin; t < t_end; ++t) {
    const std::size_t count = layout.active(t);
    const View<const T> h = t == 0 ? View<const T>(trace.h_initial.matrix()) : y.step(t - 1);
    std::copy_n(h.data(), count * cell_.outputs(), trace.h_before.matrix().row(layout.first_row(t) - first));
  }
  trace.dW.add(*pass.pool, dgates, x_rows);
  trace.dR.add(*pass.pool, dgates, trace.h_before.matrix());
  kernels::add_column_sums(dgates.data(), rows, cell_.gates(), dgates.stride(), gradient.data() + b_);
  if (dx == nullptr) return;
  split_work(
      *pass.pool, rows, rows * cell_.gates() * cell_.inputs(), [&](std::size_t begin, std::size_t end) {
        cell_.input_gradient(dgates.rows(begin, end - begin), dx->matrix().rows(first + begin, end - begin));
      });
}

template <class T>
void Recurrent<T>::step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept {
  const std::size_t H = cell_.outputs();
  const View<T> gates(scratch, x.rows(), cell_.gates());
  const View<T> h = state.columns(0, H), c = state.columns(H, cell_.memory());
  cell_.input_product(x, gates, cell_.groups());
  cell_.forward(gates, h, c, c, y, cell_.groups());
  for (std::size_t b = 0; b < x.rows(); ++b) std::copy_n(y.row(b), H, h.row(b));
}

template <class T>
void Recurrent<T>::recordings(const Trace<T>& base, const std::string& name,
                              std::vector<Recording<T>>& out) const {
  const Tr& trace = static_cast<const Tr&>(base);
  if (!trace.kept) return;
  for (std::size_t gate = 0; gate < kGates; ++gate)
    out.push_back({name + "." + kGateNames[gate],
                   trace.gates.matrix().columns(gate * cell_.outputs(), cell_.outputs()), trace.layout});
  out.push_back({name + ".c", trace.c.matrix(), trace.layout});
}

template class Recurrent<float>;
template class Recurrent<double>;

}  // namespace carousel
