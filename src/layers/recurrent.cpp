#include "layers/recurrent.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/reductions.h"
#include "layers/check.h"

namespace carousel {

namespace {

// Rows of one input product just ahead of their steps: enough for the kernel to run at full speed, few enough
// that the result is still in the second-level cache when the steps read it.
constexpr std::size_t kBlockRows = 96;
// Input weights that no second-level cache holds are read from afar for every block, and push the recurrent
// ones out; then reading them less often is worth more than a result near at hand.
constexpr std::size_t kWideWeights = std::size_t{2} << 20;
constexpr std::size_t kWideBlockRows = 384;

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

/// The rows of steps [t_begin - 1, t_end - 1) beside those of the steps behind them: step by step what
/// `values` [rows, N], in storage order, holds of the sequences still running, and `initial` [B, N] before
/// the first.
template <class T>
View<const T> one_step_before(const SequenceLayout& layout, View<const T> values, View<const T> initial,
                              std::size_t t_begin, std::size_t t_end, Tensor<T>& copies) {
  const std::size_t first = layout.first_row(t_begin), rows = layout.first_row(t_end) - first;
  // As long as no sequence ends, a row lies one step behind the row it is wanted beside.
  if (t_begin > 0 && layout.active(t_begin - 1) == layout.active(t_end - 1))
    return values.rows(layout.first_row(t_begin - 1), rows);
  copies.resize({rows, values.columns()});
  for (std::size_t t = t_begin; t < t_end; ++t) {
    const std::size_t count = layout.active(t);
    const View<const T> from = t == 0 ? initial : values.rows(layout.first_row(t - 1), count);
    std::copy_n(from.data(), count * values.columns(), copies.matrix().row(layout.first_row(t) - first));
  }
  return copies.matrix();
}

}  // namespace

template <class T>
PassSchedule Recurrent<T>::schedule(const Load& load) const {
  const std::size_t weights = cell_->gates() * cell_->outputs() * sizeof(T);
  const std::size_t shares = std::min(load.threads, cell_->most_shares());
  const bool by_units =
      shares > 1 && load.batch > 0 && load.batch <= kFewRows * shares && weights > kWorthABarrier;
  return by_units ? PassSchedule{SharedBy::units, shares} : load.by_rows();
}

template <class T>
template <class Task>
bool Recurrent<T>::share_units(const Pass& pass, std::size_t batch, std::size_t rows, Task&& task) const {
  const PassSchedule shared = schedule(pass.load(batch));
  const std::size_t parts = shared.threads;
  ThreadPool& pool = *pass.pool;
  if (shared.by != SharedBy::units || work_parts(pool, parts, multiply_adds(rows)) == 1) return false;
  StepBarrier barrier(parts);
  const auto one = [&](std::size_t part) noexcept { task(Part{0, batch, {part, parts}, &barrier}); };
  if (!pool.run_together(parts, one)) return false;
  if (!barrier.together()) pool.keep_apart();
  return true;
}

template <class T>
void Recurrent<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                           Trace<T>& base) const {
  check_forward(*this, "recurrent.forward", x, View<const T>(state));
  Tr& trace = static_cast<Tr&>(base);
  prepare(pass, x, state, trace);
  y.reshape(x.layout_pointer(), cell_->outputs());
  const auto in_blocks = [&](const Part& part) { forward_part(part, false, x, y, trace); };
  if (!run_alone(x, y, trace) && !share_units(pass, x.layout().batch(), x.rows(), in_blocks))
    forward_by_rows(*pass.pool, x, y, trace);
  leave_state(y, trace, state);
}

template <class T>
bool Recurrent<T>::run_alone(const Sequences<T>& x, Sequences<T>& y, Tr& trace) const {
  if (x.layout().batch() != 1 || trace.kept || !cell_->runs_alone()) return false;
  for (std::size_t t = 0, count; t < x.layout().time(); t += count) {
    count = std::min(trace.block_steps, x.layout().time() - t);
    const View<const T> x_block = x.matrix().rows(t, count);
    T* const products = cell_->needs_products() ? trace.gates.data() : nullptr;
    if (products != nullptr) cell_->input_product(x_block, trace.gates.matrix().rows(0, count));
    const T* h = t == 0 ? trace.h_initial.data() : y.matrix().row(t - 1);
    cell_->run_alone(x_block, products, h, trace.c.data(), y.matrix().rows(t, count));
  }
  return true;
}

template <class T>
void Recurrent<T>::forward_by_rows(ThreadPool& pool, const Sequences<T>& x, Sequences<T>& y,
                                   Tr& trace) const {
  const std::size_t B = x.layout().batch(), work = multiply_adds(x.rows());
  // The rows of several time steps lie together only for whoever has all slots.
  const std::size_t parts = work_parts(pool, B, work);
  const bool product_first = trace.kept && parts > 1;
  if (product_first)
    split_work(pool, x.rows(), work, [&](std::size_t begin, std::size_t end) {
      cell_->input_product(x.matrix().rows(begin, end - begin),
                           trace.gates.matrix().rows(begin, end - begin));
    });
  split_slots(pool, x.layout(), 0, x.layout().time(), parts, [&](std::size_t begin, std::size_t end) {
    forward_part({begin, end}, product_first, x, y, trace);
  });
}

template <class T>
void Recurrent<T>::prepare(const Pass& pass, const Sequences<T>& x, View<const T> state, Tr& trace) const {
  const SequenceLayout& layout = x.layout();
  const std::size_t B = layout.batch(), H = cell_->outputs(), M = cell_->memory();
  trace.layout = x.layout_pointer();
  trace.kept = pass.keeps_trace();
  trace.h_initial.resize({B, H});
  trace.c_initial.resize({B, M});
  to_slots(layout, state.columns(0, H), trace.h_initial.matrix());
  to_slots(layout, state.columns(H, M), trace.c_initial.matrix());
  // Without a kept trace each slot has room for the block of steps at hand only.
  const std::size_t slots = std::max<std::size_t>(1, (B + pass.pool->threads() - 1) / pass.pool->threads());
  const bool wide = cell_->gates() * cell_->inputs() * sizeof(T) > kWideWeights;
  const std::size_t rows = wide ? kWideBlockRows : kBlockRows;
  trace.block_steps = std::max<std::size_t>(1, std::min(rows / slots, layout.time()));
  trace.gates.resize({trace.kept ? layout.rows() : B * trace.block_steps, cell_->gates()});
  trace.x_block.resize({B * trace.block_steps, cell_->inputs()});
  trace.c.resize({trace.kept ? layout.rows() : B, M});
  if (!trace.kept) std::ranges::copy(trace.c_initial.span(), trace.c.data());
}

template <class T>
void Recurrent<T>::block_product(const Part& part, const Sequences<T>& x, Tr& trace, std::size_t t_begin,
                                 std::size_t t_end) const {
  const SequenceLayout& layout = x.layout();
  const std::size_t first = layout.first_row(t_begin), buffer = part.begin * trace.block_steps;
  if (part.begin == 0 && part.end >= layout.active(t_begin)) {
    const std::size_t rows = layout.first_row(t_end) - first;
    const View<T> gates = trace.gates.matrix().rows(trace.kept ? first : buffer, rows);
    return cell_->input_product(x.matrix().rows(first, rows), gates, part.share);
  }
  std::size_t rows = 0;
  for (std::size_t t = t_begin; t < t_end && layout.active(t) > part.begin; ++t) {
    const std::size_t count = std::min(part.end, layout.active(t)) - part.begin;
    std::copy_n(x.step(t).row(part.begin), count * cell_->inputs(),
                trace.x_block.matrix().row(buffer + rows));
    rows += count;
  }
  cell_->input_product(trace.x_block.matrix().rows(buffer, rows), trace.gates.matrix().rows(buffer, rows),
                       part.share);
}

template <class T>
void Recurrent<T>::forward_part(Part part, bool product_there, const Sequences<T>& x, Sequences<T>& y,
                                Tr& trace) const {
  const SequenceLayout& layout = x.layout();
  const std::size_t begin = part.begin;
  std::size_t block_end = 0;  // one past the last step whose input product is there
  std::size_t block_row = 0;  // row of trace.gates where step t begins
  for (std::size_t t = 0; t < layout.time() && layout.active(t) > begin; ++t) {
    const std::size_t count = std::min(part.end, layout.active(t)) - begin;
    if (t == block_end && !product_there) {
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
      cell_->forward({gates, h_before, c_before, step_rows(trace.c, layout, t, begin, count), h, part.share});
    } else {
      const View<T> c = trace.c.matrix().rows(begin, count);
      cell_->forward({gates, h_before, c, c, h, part.share});
    }
    block_row += count;
    if (!part.meet()) return;
  }
}

template <class T>
void Recurrent<T>::leave_state(const Sequences<T>& y, const Tr& trace, View<T> state) const {
  const SequenceLayout& layout = y.layout();
  const std::size_t H = cell_->outputs(), M = cell_->memory();
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
                    trace.layout->time(), trace.layout->batch(), cell_->inputs(), x.layout().time(),
                    x.layout().batch(), x.features()));
  const SequenceLayout& layout = x.layout();
  const std::size_t B = layout.batch(), H = cell_->outputs(), M = cell_->memory();
  trace.dh.resize({B, H});
  trace.dc.resize({B, M});
  // A sequence's final state is that of its own last step: its row waits until backward reaches that step.
  to_slots(layout, View<const T>(dstate.columns(0, H)), trace.dh.matrix());
  to_slots(layout, View<const T>(dstate.columns(H, M)), trace.dc.matrix());
  if (dx != nullptr) dx->reshape(x.layout_pointer(), cell_->inputs());

  trace.weight_gradients.clear();
  for (const WeightGradient& weight : cell_->weight_gradients())
    trace.weight_gradients.begin(weight.column,
                                 {gradient.data() + weight.offset, weight.columns, weight.factor_columns});
  for (std::size_t t_end = layout.time(); t_end > 0;) {
    std::size_t t_begin = t_end - 1;
    while (t_begin > 0 && layout.first_row(t_end) - layout.first_row(t_begin) < kSegmentRows) --t_begin;
    const std::size_t rows = layout.first_row(t_end) - layout.first_row(t_begin);
    trace.dgates.resize({rows, cell_->gate_gradients()});
    const std::size_t active = layout.active(t_begin);
    const auto steps = [&](const Part& part) { backward_part(part, pass, y, dy, trace, t_begin, t_end); };
    if (!share_units(pass, active, rows, steps))
      split_slots(*pass.pool, layout, t_begin, t_end, work_parts(*pass.pool, active, multiply_adds(rows)),
                  [&](std::size_t begin, std::size_t end) {
                    steps({begin, end});
                  });
    segment_gradients(pass, x, y, dx, gradient, trace, t_begin, t_end);
    t_end = t_begin;
  }
  trace.weight_gradients.end();
  from_slots(layout, View<const T>(trace.dh.matrix()), dstate.columns(0, H));
  from_slots(layout, View<const T>(trace.dc.matrix()), dstate.columns(H, M));
}

template <class T>
void Recurrent<T>::backward_part(Part part, const Pass& pass, const Sequences<T>& y, const Sequences<T>& dy,
                                 Tr& trace, std::size_t t_begin, std::size_t t_end) const {
  const SequenceLayout& layout = *trace.layout;
  const std::size_t begin = part.begin;
  for (std::size_t t = t_end; t-- > t_begin;) {
    if (layout.active(t) <= begin) continue;
    const Share::Range mine = part.share.of(cell_->outputs());
    const std::size_t count = std::min(part.end, layout.active(t)) - begin;
    const View<T> dh = trace.dh.matrix().rows(begin, count), dc = trace.dc.matrix().rows(begin, count);
    const View<const T> above = step_rows(dy, layout, t, begin, count);
    for (std::size_t r = 0; r < count; ++r)
      for (std::size_t h = mine.begin; h < mine.end; ++h) dh(r, h) += above(r, h);
    const View<const T> h_before = t == 0 ? View<const T>(trace.h_initial.matrix().rows(begin, count))
                                          : step_rows(y, layout, t - 1, begin, count);
    const View<const T> c_before = t == 0 ? View<const T>(trace.c_initial.matrix().rows(begin, count))
                                          : View<const T>(step_rows(trace.c, layout, t - 1, begin, count));
    const std::size_t segment_row = layout.first_row(t) - layout.first_row(t_begin) + begin;
    const View<T> dgates = trace.dgates.matrix().rows(segment_row, count);
    cell_->backward({step_rows(trace.gates, layout, t, begin, count), h_before, c_before,
                     step_rows(trace.c, layout, t, begin, count), dh, dc, dgates, part.share});
    if (!part.meet()) return;
    cell_->hidden_gradient(dgates, dh, dc, part.share);
    if (!part.meet()) return;
    const std::size_t step = pass.first_step + t;
    if (pass.truncate > 0 && step > 0 && step % pass.truncate == 0) {
      const Share::Range units = part.share.of(cell_->outputs()), memory = part.share.of(cell_->memory());
      for (std::size_t r = 0; r < count; ++r) {
        std::fill(dh.row(r) + units.begin, dh.row(r) + units.end, T(0));
        std::fill(dc.row(r) + memory.begin, dc.row(r) + memory.end, T(0));
      }
    }
  }
}

template <class T>
View<const T> Recurrent<T>::factor(WeightGradient::Factor which, const Sequences<T>& x, const Sequences<T>& y,
                                   Tr& trace, std::size_t t_begin, std::size_t t_end) const {
  const SequenceLayout& layout = *trace.layout;
  const std::size_t first = layout.first_row(t_begin), rows = layout.first_row(t_end) - first;
  using Factor = WeightGradient::Factor;
  switch (which) {
    case Factor::input:
      return x.matrix().rows(first, rows);
    case Factor::hidden:
      return one_step_before<T>(layout, y.matrix(), trace.h_initial.matrix(), t_begin, t_end, trace.h_before);
    case Factor::memory_before:
      return one_step_before<T>(layout, trace.c.matrix(), trace.c_initial.matrix(), t_begin, t_end,
                                trace.memory_before);
    case Factor::memory:
      return trace.c.matrix().rows(first, rows);
    case Factor::activation:
      return trace.gates.matrix().rows(first, rows);
  }
  return {};
}

template <class T>
void Recurrent<T>::segment_gradients(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                                     Sequences<T>* dx, std::span<T> gradient, Tr& trace, std::size_t t_begin,
                                     std::size_t t_end) const {
  const SequenceLayout& layout = *trace.layout;
  const std::size_t first = layout.first_row(t_begin), rows = layout.first_row(t_end) - first;
  const View<const T> dgates = trace.dgates.matrix();
  trace.factors.clear();
  for (const WeightGradient& weight : cell_->weight_gradients())
    trace.factors.push_back(factor(weight.factor, x, y, trace, t_begin, t_end)
                                .columns(weight.factor_column, weight.factor_columns));
  trace.weight_gradients.add(*pass.pool, dgates, trace.factors);
  for (const BiasGradient& bias : cell_->bias_gradients())
    kernels::add_column_sums(dgates.data() + bias.column, rows, bias.columns, dgates.stride(),
                             gradient.data() + bias.offset);
  for (const DiagonalGradient& weight : cell_->diagonal_gradients()) {
    const View<const T> seen = factor(weight.factor, x, y, trace, t_begin, t_end);
    kernels::add_column_products(dgates.data() + weight.column, dgates.stride(), seen.data(), seen.stride(),
                                 rows, weight.columns, gradient.data() + weight.offset);
  }
  if (dx == nullptr) return;
  split_work(
      *pass.pool, rows, rows * cell_->gates() * cell_->inputs(), [&](std::size_t begin, std::size_t end) {
        cell_->input_gradient(dgates.rows(begin, end - begin), dx->matrix().rows(first + begin, end - begin));
      });
}

template <class T>
void Recurrent<T>::step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept {
  const std::size_t H = cell_->outputs();
  const View<T> gates(scratch, x.rows(), cell_->gates());
  const View<T> h = state.columns(0, H), c = state.columns(H, cell_->memory());
  if (x.rows() == 1 && cell_->runs_alone()) {
    cell_->run_alone(x, nullptr, h.data(), c.data(), y);
    std::copy_n(y.data(), H, h.data());
    return;
  }
  cell_->input_product(x, gates);
  cell_->forward({gates, h, c, c, y});
  for (std::size_t b = 0; b < x.rows(); ++b) std::copy_n(y.row(b), H, h.row(b));
}

template <class T>
void Recurrent<T>::recordings(const Trace<T>& base, const std::string& name,
                              std::vector<Recording<T>>& out) const {
  const Tr& trace = static_cast<const Tr&>(base);
  if (!trace.kept) return;
  for (const Recorded& what : cell_->recorded()) {
    const View<const T> from = what.of_memory ? trace.c.matrix() : trace.gates.matrix();
    out.push_back({name + "." + what.name, from.columns(what.column, what.columns), trace.layout});
  }
}

template class Recurrent<float>;
template class Recurrent<double>;

}  // namespace carousel
