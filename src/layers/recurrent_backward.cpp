// The recurrent layer back through time.
#include <fmt/format.h>

#include <algorithm>

#include "kernels/reductions.h"
#include "layers/check.h"
#include "layers/recurrent.h"
#include "layers/slots.h"

namespace carousel {

namespace {

// Rows of one segment of backward, at least: its gate gradients are the left factor of one weight-gradient
// product. Part of the contract, like kBlockK: segments are where partial sums over time begin.
constexpr std::size_t kSegmentRows = 512;

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
void Recurrent<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                            const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                            Trace<T>& base) const {
  Tr& trace = static_cast<Tr&>(base);
  // A pass for recordings keeps its trace too, but zones nothing out.
  const bool kept =
      trace.kept && (!noise_.zones() || trace.chosen.size() == trace.layout->rows() * noise_.zoned());
  check_backward(*this, "recurrent.backward", x, y, dy, View<const T>(dstate), kept);
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
  if (noise_.zones()) {
    trace.dh_direct.resize({B, H});
    trace.dc_direct.resize({B, M});
  }
  // A sequence's final state is that of its own last step: its row waits until backward reaches that step.
  to_slots(layout, View<const T>(dstate.columns(0, H)), trace.dh.matrix());
  to_slots(layout, View<const T>(dstate.columns(H, M)), trace.dc.matrix());
  if (dx != nullptr) dx->reshape(x.layout_pointer(), cell_->inputs());

  trace.weight_gradients.clear();
  for (const WeightGradient& weight : cell_->weight_gradients())
    trace.weight_gradients.begin(weight.column,
                                 {gradient.data() + weight.offset, weight.columns, weight.factor_columns});
  for (std::size_t t_end = layout.time(); t_end > 0;) {
    const std::size_t t_begin = begin_of_rows(layout, t_end, kSegmentRows);
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
    const View<const T> h_before = fed_back(y, trace, t, begin, count);
    const View<const T> c_before = t == 0 ? View<const T>(trace.c_initial.matrix().rows(begin, count))
                                          : View<const T>(step_rows(trace.c, layout, t - 1, begin, count));
    const std::size_t segment_row = layout.first_row(t) - layout.first_row(t_begin) + begin;
    const View<T> dgates = trace.dgates.matrix().rows(segment_row, count);
    if (noise_.zones()) set_apart(part, t, count, trace);
    const Tensor<T>& made = noise_.zones() ? trace.candidate : trace.c;
    cell_->backward({step_rows(trace.gates, layout, t, begin, count), h_before, c_before,
                     step_rows(made, layout, t, begin, count), dh, dc, dgates, part.share});
    if (!part.meet()) return;
    cell_->hidden_gradient(dgates, dh, dc, part.share);
    if (!part.meet()) return;
    put_back(part, count, trace);
    if (truncates(pass, t)) {
      const Share::Range units = part.share.of(cell_->outputs()), memory = part.share.of(cell_->memory());
      for (std::size_t r = 0; r < count; ++r) {
        std::fill(dh.row(r) + units.begin, dh.row(r) + units.end, T(0));
        std::fill(dc.row(r) + memory.begin, dc.row(r) + memory.end, T(0));
      }
      // A cell may keep several things a unit, so that these were not only the part's own.
      if (!part.meet()) return;
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
      return trace.drops ? one_step_before<T>(layout, trace.fed.matrix(), trace.fed_initial.matrix(), t_begin,
                                              t_end, trace.h_before)
                         : one_step_before<T>(layout, y.matrix(), trace.h_initial.matrix(), t_begin, t_end,
                                              trace.h_before);
    case Factor::memory_before:
      return one_step_before<T>(layout, trace.c.matrix(), trace.c_initial.matrix(), t_begin, t_end,
                                trace.memory_before);
    case Factor::memory:
      return (noise_.zones() ? trace.candidate : trace.c).matrix().rows(first, rows);
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

template class Recurrent<float>;
template class Recurrent<double>;

}  // namespace carousel
