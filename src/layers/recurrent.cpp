#include "layers/recurrent.h"

#include <fmt/format.h>

#include <algorithm>

#include "layers/check.h"
#include "layers/slots.h"

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
void Recurrent<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                           Trace<T>& base) const {
  check_forward(*this, "recurrent.forward", x, View<const T>(state));
  Tr& trace = static_cast<Tr&>(base);
  prepare(pass, x, state, trace);
  y.reshape(x.layout_pointer(), cell_->outputs());
  const auto in_blocks = [&](const Part& part) { forward_part(part, pass, false, x, y, trace); };
  if (!run_alone(x, y, trace) && !share_units(pass, x.layout().batch(), x.rows(), in_blocks))
    forward_by_rows(pass, x, y, trace);
  leave_state(y, trace, state);
}

template <class T>
bool Recurrent<T>::run_alone(const Sequences<T>& x, Sequences<T>& y, Tr& trace) const {
  if (x.layout().batch() != 1 || trace.kept || !runs_alone()) return false;
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
void Recurrent<T>::forward_by_rows(const Pass& pass, const Sequences<T>& x, Sequences<T>& y,
                                   Tr& trace) const {
  ThreadPool& pool = *pass.pool;
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
    forward_part({begin, end}, pass, product_first, x, y, trace);
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
  prepare_noise(pass, x.layout(), trace);
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
void Recurrent<T>::forward_part(Part part, const Pass& pass, bool product_there, const Sequences<T>& x,
                                Sequences<T>& y, Tr& trace) const {
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
    const std::size_t row = trace.kept ? layout.first_row(t) + begin : block_row;
    forward_step(part, pass, trace.gates.matrix().rows(row, count), t, count, y, trace);
    block_row += count;
    if (!part.meet()) return;
  }
}

template <class T>
View<const T> Recurrent<T>::fed_back(const Sequences<T>& y, const Tr& trace, std::size_t t, std::size_t begin,
                                     std::size_t count) const {
  if (t == 0) return (trace.drops ? trace.fed_initial : trace.h_initial).matrix().rows(begin, count);
  return trace.drops ? step_rows(trace.fed, y.layout(), t - 1, begin, count)
                     : step_rows(y, y.layout(), t - 1, begin, count);
}

template <class T>
void Recurrent<T>::forward_step(const Part& part, const Pass& pass, View<T> gates, std::size_t t,
                                std::size_t count, Sequences<T>& y, Tr& trace) const {
  const SequenceLayout& layout = y.layout();
  const std::size_t begin = part.begin;
  const auto rows_of_step = [&](Tensor<T>& tensor) {
    return trace.kept ? step_rows(tensor, layout, t, begin, count) : tensor.matrix().rows(begin, count);
  };
  const View<T> c = rows_of_step(trace.c);
  View<const T> c_before = c;
  if (trace.kept)
    c_before = t == 0 ? trace.c_initial.matrix().rows(begin, count)
                      : step_rows(trace.c, layout, t - 1, begin, count);
  const View<T> made = noise_.zones() ? rows_of_step(trace.candidate) : c;
  const View<T> h = step_rows(y, layout, t, begin, count);
  cell_->forward({gates, fed_back(y, trace, t, begin, count), c_before, made, h, part.share});
  if (noise_.zones()) zone(part, pass, t, {c_before, made, c, h}, y, trace);
  if (!trace.drops) return;
  const Share::Range units = cell_->units(part.share);
  for (std::size_t r = 0; r < count; ++r) {
    T* const fed = trace.fed.matrix().row(layout.first_row(t) + begin + r);
    for (std::size_t j = units.begin; j < units.end; ++j)
      fed[j] = trace.keep.matrix()(begin + r, j) * h(r, j);
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
void Recurrent<T>::step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept {
  const std::size_t H = cell_->outputs(), M = cell_->memory(), B = x.rows();
  const View<T> gates(scratch, B, cell_->gates());
  const View<T> h = state.columns(0, H), c = state.columns(H, M);
  if (B == 1 && runs_alone()) {
    cell_->run_alone(x, nullptr, h.data(), c.data(), y);
    std::copy_n(y.data(), H, h.data());
    return;
  }
  cell_->input_product(x, gates);
  const View<T> made = noise_.zones() ? View<T>(scratch + B * cell_->gates(), B, M) : c;
  cell_->forward({gates, h, c, made, y});
  for (std::size_t b = 0; b < B; ++b) {
    if (noise_.zones()) noise_.mix({h.row(b), c.row(b), made.row(b), y.row(b), c.row(b)}, {0, H}, {0, M});
    std::copy_n(y.row(b), H, h.row(b));
  }
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
