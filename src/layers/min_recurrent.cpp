#include "layers/min_recurrent.h"

#include <fmt/format.h>

#include "kernels/reductions.h"
#include "layers/check.h"
#include "layers/slots.h"
#include "tensor/initialise.h"

namespace carousel {

using kernels::Rows;
using kernels::StepRows;

// Rows whose gates are made before their scan, for each thread: enough for meeting twice not to matter, few
// enough that the gates are still in cache when the scan reads them.
static constexpr std::size_t kBlockRows = 384;
// Rows of one segment of backward, at least; where partial sums over time begin (layers/recurrent.cpp).
static constexpr std::size_t kSegmentRows = 512;
// Units of a share: a cache line of floats.
static constexpr std::size_t kShareUnits = 16;
// What a unit's step of a scan costs, in multiply-adds of a product.
static constexpr std::size_t kScanWork = 16;

/// The buffers of one pass; "slots" means one row a sequence, slot by slot.
template <class T>
struct MinRecurrentTrace : Trace<T> {
  LayoutPointer layout;
  bool kept = false;    // gates holds every step, not the last block only
  Tensor<T> h_initial;  // [B, H] slots
  Tensor<T> gates;      // [rows, width] activations
  Tensor<T> dh;         // [B, H] slots
  Tensor<T> dgates;     // [segment rows, products]
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
  return fmt::format("{}, hidden {}, {} candidate", kind(), this->outputs(),
                     min_candidate_names()[gates_.positive ? 1 : 0]);
}

template <class T>
void MinRecurrent<T>::declare(ParameterTable& table, const std::string& name) {
  W_ = table.add_matrix(name + ".W", products(), this->inputs());
  b_ = table.add(name + ".b", {products()});
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
template <class Task>
void MinRecurrent<T>::share_scan(const Pass& pass, const SequenceLayout& layout, std::size_t t_begin,
                                 std::size_t t_end, Task&& task) const {
  const std::size_t H = this->outputs(), slots = layout.active(t_begin),
                    shares = (H + kShareUnits - 1) / kShareUnits,
                    rows = layout.first_row(t_end) - layout.first_row(t_begin);
  const std::size_t parts = work_parts(*pass.pool, std::max(slots, shares), rows * H * kScanWork);
  if (slots >= parts)
    return split_slots(*pass.pool, layout, t_begin, t_end, parts, [&](std::size_t begin, std::size_t end) {
      task(Part{begin, end, 0, H});
    });
  split_into(*pass.pool, shares, parts, [&](std::size_t begin, std::size_t end) {
    const std::size_t unit = begin * kShareUnits;
    task(Part{0, slots, unit, std::min(H, end * kShareUnits) - unit});
  });
}

template <class T>
void MinRecurrent<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                              Trace<T>& base) const {
  check_forward(*this, is_lstm() ? "min_lstm.forward" : "min_gru.forward", x, View<const T>(state));
  Tr& trace = static_cast<Tr&>(base);
  const SequenceLayout& layout = x.layout();
  trace.layout = x.layout_pointer();
  trace.kept = pass.keeps_trace();
  trace.h_initial.resize({layout.batch(), this->outputs()});
  to_slots(layout, View<const T>(state), trace.h_initial.matrix());
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
    share_scan(pass, layout, t_begin, t_end, [&](const Part& part) { scan(part, y, trace, t_begin, t_end); });
  }
  for (std::size_t b = 0; b < layout.batch(); ++b)
    if (layout.length(b) > 0) std::ranges::copy(y.at(b, layout.length(b) - 1), state.row(b));
}

template <class T>
void MinRecurrent<T>::scan(const Part& part, Sequences<T>& y, Tr& trace, std::size_t t_begin,
                           std::size_t t_end) const {
  const SequenceLayout& layout = *trace.layout;
  const std::size_t H = this->outputs(), G = gates_.width();
  for (std::size_t t = t_begin, end; t < t_end && layout.active(t) > part.begin; t = end) {
    const std::size_t active = layout.active(t);
    for (end = t + 1; end < t_end && layout.active(end) == active;) ++end;
    const T* before = t == 0 ? trace.h_initial.data() : y.step(t - 1).data();
    kernels::min_scan_forward<T>({gates_,
                                  end - t,
                                  {trace.gates.matrix().row(trace.gates_row(t, t_begin)), G, active * G},
                                  {before, H},
                                  {y.step(t).data(), H, active * H}},
                                 part.begin, std::min(part.end, active) - part.begin, part.unit, part.units);
  }
}

template <class T>
void MinRecurrent<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                               const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx,
                               std::span<T> gradient, Trace<T>& base) const {
  Tr& trace = static_cast<Tr&>(base);
  check_backward(*this, is_lstm() ? "min_lstm.backward" : "min_gru.backward", x, y, dy, View<const T>(dstate),
                 trace.kept && *trace.layout == x.layout());
  const SequenceLayout& layout = *trace.layout;
  trace.dh.resize({layout.batch(), this->outputs()});
  // A sequence's final state is that of its own last step: its row waits until backward reaches that step.
  to_slots(layout, View<const T>(dstate), trace.dh.matrix());
  if (dx != nullptr) dx->reshape(x.layout_pointer(), this->inputs());
  trace.weight_gradients.clear();
  trace.weight_gradients.begin(0, {gradient.data() + W_, products(), this->inputs()});
  for (std::size_t t_end = layout.time(), t_begin; t_end > 0; t_end = t_begin) {
    t_begin = begin_of_rows(layout, t_end, kSegmentRows);
    trace.dgates.resize({layout.first_row(t_end) - layout.first_row(t_begin), products()});
    share_scan(pass, layout, t_begin, t_end,
               [&](const Part& part) { scan_back(part, pass, y, dy, trace, t_begin, t_end); });
    segment_gradients(pass, x, dx, gradient, trace, layout.first_row(t_begin));
  }
  trace.weight_gradients.end();
  from_slots(layout, View<const T>(trace.dh.matrix()), dstate);
}

template <class T>
void MinRecurrent<T>::scan_back(const Part& part, const Pass& pass, const Sequences<T>& y,
                                const Sequences<T>& dy, Tr& trace, std::size_t t_begin,
                                std::size_t t_end) const {
  const SequenceLayout& layout = *trace.layout;
  const std::size_t H = this->outputs(), G = gates_.width(), P = products();
  for (std::size_t end = t_end, t; end > t_begin; end = t) {
    const std::size_t active = layout.active(end - 1);
    for (t = end - 1; t > t_begin && layout.active(t - 1) == active && !truncates(pass, t);) --t;
    if (active <= part.begin) continue;
    const std::size_t slots = std::min(part.end, active) - part.begin;
    const T* before = t == 0 ? trace.h_initial.data() : y.step(t - 1).data();
    kernels::min_scan_backward<T>(
        {gates_,
         end - t,
         {trace.gates.matrix().row(layout.first_row(t)), G, active * G},
         {before, H},
         {y.step(t).data(), H, active * H},
         {dy.step(t).data(), H, active * H},
         {trace.dh.data(), H},
         {trace.dgates.matrix().row(layout.first_row(t) - layout.first_row(t_begin)), P, active * P}},
        part.begin, slots, part.unit, part.units);
    if (!truncates(pass, t)) continue;
    for (std::size_t s = part.begin; s < part.begin + slots; ++s)
      std::fill_n(trace.dh.matrix().row(s) + part.unit, part.units, T(0));
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
  kernels::min_scan_forward<T>(
      {gates_, 1, {scratch, G, 0}, {state.data(), state.stride()}, {y.data(), y.stride(), 0}}, 0, x.rows(), 0,
      H);
  for (std::size_t b = 0; b < x.rows(); ++b) std::copy_n(y.row(b), H, state.row(b));
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
