#include "layers/min_recurrent.h"

#include <fmt/format.h>

#include "kernels/reductions.h"
#include "layers/check.h"
#include "layers/slots.h"
#include "tensor/initialise.h"

namespace carousel {

using kernels::Rows;

// Rows whose gates are made before their scan, for each thread: enough for meeting twice not to matter, few
// enough that the gates are still in cache when the scan reads them.
static constexpr std::size_t kBlockRows = 384;
// Rows of one segment of backward, at least; where partial sums over time begin (layers/recurrent.cpp).
static constexpr std::size_t kSegmentRows = 512;
// What a unit's step of a scan costs, in multiply-adds of a product.
static constexpr std::size_t kScanWork = 16;

/// The buffers of one pass; "slots" means one row a sequence, slot by slot.
template <class T>
struct MinRecurrentTrace : Trace<T> {
  LayoutPointer layout;
  bool kept = false;                   // gates holds every step, not the last block only
  Tensor<T> initial;                   // [B, state] slots
  std::vector<std::size_t> positions;  // [B] slots: steps of a block that passed before step 0
  Tensor<T> carries;                   // [B, 4H] slots
  Tensor<T> between;                   // carries of blocks that threads share
  Tensor<T> gates;                     // [rows, width] activations
  Tensor<T> dgates;                    // [segment rows, products]
  SegmentedGradients<T> weight_gradients;

  /// Row of gates where step t of the block that begins with t_begin has its first.
  std::size_t gates_row(std::size_t t, std::size_t t_begin) const noexcept {
    return layout->first_row(t) - (kept ? 0 : layout->first_row(t_begin));
  }
};

const std::vector<std::string>& min_candidate_names() {
  static const std::vector<std::string> names = {"linear", "positive"};
  return names;
}

template <class T>
std::string MinRecurrent<T>::description() const {
  return fmt::format("{}, hidden {}, {} candidate{}{}", kind(), this->outputs(),
                     min_candidate_names()[gates_.positive ? 1 : 0], noise_.text(), start_.text());
}

template <class T>
void MinRecurrent<T>::declare(ParameterTable& table, const std::string& name) {
  const std::size_t first = table.all().size();
  W_ = table.add_matrix(name + ".W", products(), this->inputs());
  b_ = table.add(name + ".b", {products()});
  noise_.declare(table, first);
  start_.declare(table, name);
}

template <class T>
void MinRecurrent<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  const std::size_t H = this->outputs(), F = this->inputs();
  fill_uniform(weights.subspan(W_, products() * F), glorot_limit(F, H), seed, W_);
  const std::span<T> b = weights.subspan(b_, products());
  std::ranges::fill(b, T(0));
  // Of min_lstm both gates, so that z begins where min_gru's does: f alone cannot bring it below i / (i + 1).
  std::ranges::fill(b.first(H), static_cast<T>(-forget_bias_));
  if (is_lstm()) std::ranges::fill(b.subspan(H, H), static_cast<T>(forget_bias_));
  start_.initialise(weights);
}

template <class T>
void MinRecurrent<T>::pack(std::span<const T> weights, const Packing& packing) {
  const std::size_t F = this->inputs(), P = products();
  input_.pack(weights.data() + W_, F, P, 1, F, gates_.products(), packing.weights);
  if (packing.backward) input_gradient_.pack(weights.data() + W_, P, F, F, 1);
  bias_.assign(weights.begin() + b_, weights.begin() + b_ + P);
}

template <class T>
std::unique_ptr<Trace<T>> MinRecurrent<T>::make_trace() const {
  return std::make_unique<Tr>();
}

template <class T>
void MinRecurrent<T>::gates_of(View<const T> x, View<T> gates) const noexcept {
  struct Step {
    const kernels::MinGates& what;
    Rows<T> gates;
  } step{gates_, {gates.data(), gates.stride()}};
  const kernels::Epilogue epilogue{
      [](const void* of, std::size_t row, std::size_t rows, std::size_t unit, std::size_t units) noexcept {
        const Step& s = *static_cast<const Step*>(of);
        kernels::min_gates_forward(s.what, s.gates, row, rows, unit, units);
      },
      &step};
  gemm(x.rows(), kernels::LeftMatrix<T>{x.data(), x.stride()}, input_, gates.data(), gates.stride(),
       kernels::Start::bias, bias_.data(), &epilogue);
}

template <class T>
std::size_t MinRecurrent<T>::scan_work(std::size_t rows) const noexcept {
  return rows * this->outputs() * kScanWork;
}

/// Steps that are done of the block; what no pass has left there is a block's end.
template <class T>
static std::size_t position(T value) noexcept {
  return value >= T(1) && value < T(kernels::kMinBlock) ? static_cast<std::size_t>(value) : 0;
}

template <class T>
void MinRecurrent<T>::read_states(View<const T> state, Tr& trace) const {
  const SequenceLayout& layout = *trace.layout;
  trace.initial.resize({layout.batch(), state_size()});
  to_slots(layout, state, trace.initial.matrix());
  trace.carries.resize({layout.batch(), carries()});
  trace.positions.resize(layout.batch());
  for (std::size_t slot = 0; slot < layout.batch(); ++slot) {
    std::copy_n(trace.initial.matrix().row(slot), carries(), trace.carries.matrix().row(slot));
    trace.positions[slot] = position(trace.initial.matrix()(slot, carries()));
  }
}

template <class T>
void MinRecurrent<T>::write_states(const Tr& trace, View<T> state) const {
  const SequenceLayout& layout = *trace.layout;
  for (std::size_t slot = 0; slot < layout.batch(); ++slot) {
    const std::size_t b = layout.sequence(slot), steps = layout.length(b);
    if (steps == 0) continue;
    std::ranges::copy(trace.carries.matrix().row_span(slot), state.row(b));
    state(b, carries()) = static_cast<T>((trace.positions[slot] + steps) % kernels::kMinBlock);
  }
}

template <class T>
void MinRecurrent<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                              Trace<T>& base) const {
  check_forward(*this, is_lstm() ? "min_lstm.forward" : "min_gru.forward", x, View<const T>(state));
  Tr& trace = static_cast<Tr&>(base);
  const SequenceLayout& layout = x.layout();
  trace.layout = x.layout_pointer();
  trace.kept = pass.keeps_trace();
  read_states(state, trace);
  y.reshape(x.layout_pointer(), this->outputs());
  // A step may hold as many rows as there are sequences.
  const std::size_t block = kBlockRows * pass.pool->threads();
  trace.gates.resize(
      {trace.kept ? layout.rows() : std::min(layout.rows(), block + layout.batch()), gates_.width()});
  for (std::size_t t_begin = 0, t_end; t_begin < layout.time(); t_begin = t_end) {
    t_end = end_of_rows(layout, t_begin, block);
    const std::size_t first = layout.first_row(t_begin), rows = layout.first_row(t_end) - first,
                      at = trace.gates_row(t_begin, t_begin);
    split_work(*pass.pool, rows, multiply_adds(rows), [&](std::size_t begin, std::size_t end) {
      gates_of(x.matrix().rows(first + begin, end - begin),
               trace.gates.matrix().rows(at + begin, end - begin));
    });
    const BlockScan blocks(layout, trace.positions, t_begin, t_end, ScanOrder::forward);
    blocks.share(
        *pass.pool, scan_work(rows), trace.carries, trace.between,
        [&](const SlotSteps& steps, T* carry, bool carry_only) {
          scan(blocks, steps, carry, carry_only, y, trace, t_begin);
        },
        [](const SlotSteps&) { return false; });
  }
  write_states(trace, state);
}

/// Calls run(t, t_end, active) for stretches of steps [t, t_end) with as many sequences each: there the rows
/// of one of them are as far apart from step to step.
template <class Run>
static void for_stretches(const SequenceLayout& layout, std::size_t t, std::size_t t_end, const Run& run) {
  for (std::size_t end; t < t_end; t = end) {
    for (end = t + 1; end < t_end && layout.active(end) == layout.active(t);) ++end;
    run(t, end, layout.active(t));
  }
}

template <class T>
void MinRecurrent<T>::scan(const BlockScan& blocks, const SlotSteps& steps, T* carry, bool carry_only,
                           Sequences<T>& y, Tr& trace, std::size_t t_begin) const {
  const std::size_t H = this->outputs(), G = gates_.width(), slot = steps.slot;
  for_stretches(*trace.layout, steps.begin, steps.end,
                [&](std::size_t t, std::size_t end, std::size_t active) {
                  kernels::min_scan_forward<T>(
                      {gates_,
                       end - t,
                       blocks.left(slot, t),
                       {trace.gates.matrix().row(trace.gates_row(t, t_begin) + slot), active * G},
                       carry,
                       {carry_only ? nullptr : y.step(t).row(slot), active * H}});
                });
}

template <class T>
void MinRecurrent<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                               const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx,
                               std::span<T> gradient, Trace<T>& base) const {
  Tr& trace = static_cast<Tr&>(base);
  check_backward(*this, is_lstm() ? "min_lstm.backward" : "min_gru.backward", x, y, dy, View<const T>(dstate),
                 trace.kept && *trace.layout == x.layout());
  const SequenceLayout& layout = *trace.layout;
  // A sequence's final state is that of its own last step: its row waits until backward reaches that step.
  trace.carries.fill(T(0));
  to_slots(layout, View<const T>(dstate).columns(0, this->outputs()),
           trace.carries.matrix().columns(0, this->outputs()));
  if (dx != nullptr) dx->reshape(x.layout_pointer(), this->inputs());
  trace.weight_gradients.clear();
  trace.weight_gradients.begin(0, {gradient.data() + W_, products(), this->inputs()});
  for (std::size_t t_end = layout.time(), t_begin; t_end > 0; t_end = t_begin) {
    t_begin = begin_of_rows(layout, t_end, kSegmentRows);
    trace.dgates.resize({layout.first_row(t_end) - layout.first_row(t_begin), products()});
    const BlockScan blocks(layout, trace.positions, t_begin, t_end, ScanOrder::backward);
    blocks.share(
        *pass.pool, scan_work(trace.dgates.matrix().rows()), trace.carries, trace.between,
        [&](const SlotSteps& steps, T* carry, bool carry_only) {
          scan_back(blocks, pass, steps, carry, carry_only, y, dy, trace, t_begin);
        },
        [&](const SlotSteps& steps) {
          for (std::size_t t = steps.begin; t < steps.end; ++t)
            if (truncates(pass, t)) return true;
          return false;
        });
    segment_gradients(pass, x, dx, gradient, trace, layout.first_row(t_begin));
  }
  trace.weight_gradients.end();
  for (std::size_t b = 0; b < layout.batch(); ++b) std::fill_n(dstate.row(b), state_size(), T(0));
  from_slots(layout, View<const T>(trace.carries.matrix()).columns(0, this->outputs()),
             dstate.columns(0, this->outputs()));
}

template <class T>
void MinRecurrent<T>::scan_back(const BlockScan& blocks, const Pass& pass, const SlotSteps& steps, T* carry,
                                bool carry_only, const Sequences<T>& y, const Sequences<T>& dy, Tr& trace,
                                std::size_t t_begin) const {
  const SequenceLayout& layout = *trace.layout;
  const std::size_t H = this->outputs(), G = gates_.width(), P = products(), slot = steps.slot;
  for (std::size_t end = steps.end, t; end > steps.begin; end = t) {
    const std::size_t active = layout.active(end - 1), first = layout.first_row(t_begin);
    for (t = end - 1; t > steps.begin && layout.active(t - 1) == active && !truncates(pass, t);) --t;
    kernels::min_scan_backward<T>(
        {gates_,
         end - t,
         blocks.left(slot, end - 1),
         {trace.gates.matrix().row(layout.first_row(t) + slot), active * G},
         t == 0 ? trace.initial.matrix().row(slot) : y.step(t - 1).row(slot),
         {y.step(t).row(slot), active * H},
         {dy.step(t).row(slot), active * H},
         carry,
         {carry_only ? nullptr : trace.dgates.matrix().row(layout.first_row(t) - first + slot), active * P}});
    if (truncates(pass, t)) std::fill_n(carry, carries(), T(0));
  }
}

template <class T>
void MinRecurrent<T>::segment_gradients(const Pass& pass, const Sequences<T>& x, Sequences<T>* dx,
                                        std::span<T> gradient, Tr& trace, std::size_t first) const {
  const std::size_t P = products(), F = this->inputs();
  const View<const T> dgates = trace.dgates.matrix();
  const View<const T> factor = x.matrix().rows(first, dgates.rows());
  trace.weight_gradients.add(*pass.pool, dgates, {&factor, 1});
  kernels::add_column_sums(dgates.data(), dgates.rows(), P, P, gradient.data() + b_);
  if (dx == nullptr) return;
  split_work(*pass.pool, dgates.rows(), multiply_adds(dgates.rows()),
             [&](std::size_t begin, std::size_t end) {
               gemm(end - begin, kernels::LeftMatrix<T>{dgates.row(begin), P}, input_gradient_,
                    dx->matrix().row(first + begin), F, kernels::Start::zero);
             });
}

template <class T>
void MinRecurrent<T>::step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept {
  const std::size_t G = gates_.width(), H = this->outputs();
  gates_of(x, View<T>(scratch, x.rows(), G));
  for (std::size_t b = 0; b < x.rows(); ++b) {
    T& done = state(b, carries());
    const std::size_t before = position(done);
    kernels::min_scan_forward<T>(
        {gates_, 1, kernels::kMinBlock - before, {scratch + b * G, G}, state.row(b), {y.row(b), H}});
    done = static_cast<T>((before + 1) % kernels::kMinBlock);
  }
}

template <class T>
void MinRecurrent<T>::recordings(const Trace<T>& base, const std::string& name,
                                 std::vector<Recording<T>>& out) const {
  const Tr& trace = static_cast<const Tr&>(base);
  if (!trace.kept) return;
  const std::size_t H = this->outputs();
  const std::string_view names = is_lstm() ? "ifgz" : "zg";
  for (std::size_t gate = 0; gate < names.size(); ++gate)
    out.push_back(
        {fmt::format("{}.{}", name, names[gate]), trace.gates.matrix().columns(gate * H, H), trace.layout});
}

template class MinRecurrent<float>;
template class MinRecurrent<double>;

}  // namespace carousel
