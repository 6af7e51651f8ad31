#include "layers/mlstm.h"

#include <fmt/format.h>

#include <cmath>

#include "kernels/reductions.h"
#include "layers/check.h"
#include "layers/slots.h"
#include "tensor/initialise.h"
#include "tensor/transpose.h"

namespace carousel {

// Rows whose product is made before their memory, for each thread: enough for meeting twice not to matter,
// few enough that the activations are still in cache.
static constexpr std::size_t kBlockRows = 384;
// Steps between memories that are kept for backward, at least: those in between are made anew. Also the steps
// of one segment of the weights' gradients.
static constexpr std::size_t kStretch = 64;

/// Steps of a stretch: about the root of all, so that what is kept grows with the root, too.
static std::size_t stretch_steps(const SequenceLayout& layout) {
  return std::max(kStretch, static_cast<std::size_t>(std::sqrt(static_cast<double>(layout.time()))));
}

/// The buffers of one pass; "slots" means one row a sequence, slot by slot.
template <class T>
struct MlstmTrace : Trace<T> {
  LayoutPointer layout;
  bool kept = false;        // gates holds every step, not the last block only
  std::size_t stretch = 0;  // steps
  Tensor<T> gates;          // [rows, width] activations
  Tensor<T> state;          // [B, S] slots: the memory as it stands
  Tensor<T> kept_state;     // [stretches * B, S]: before each stretch
  Tensor<T> dstate;         // [B, S] slots
  Tensor<T> dC_turned;      // [B, H d] slots: dstate's C, [d, d] turned round
  Tensor<T> decay;          // [B, N] slots: of both
  Tensor<T> dgates;         // [segment rows, products]
  Tensor<T> bias_sums;      // [products]
  Tensor<T> scratch;        // [threads, stretch of one strand]
  SegmentedGradients<T> weight_gradients;

  std::size_t gates_row(std::size_t t, std::size_t t_begin) const noexcept {
    return layout->first_row(t) - (kept ? 0 : layout->first_row(t_begin));
  }
};

template <class T>
std::string Mlstm<T>::description() const {
  return fmt::format("mlstm, hidden {}, {} heads of {} x {}, {} forget gate", this->outputs(), row_.heads,
                     row_.size, row_.size, forget_activation_names()[row_.exponential ? 1 : 0]);
}

template <class T>
void Mlstm<T>::declare(ParameterTable& table, const std::string& name) {
  W_ = table.add_matrix(name + ".W", row_.products(), this->inputs());
  b_ = table.add(name + ".b", {row_.products()});
}

template <class T>
void Mlstm<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  const std::size_t F = this->inputs(), P = row_.products(), N = row_.heads;
  fill_uniform(weights.subspan(W_, P * F), glorot_limit(F, this->outputs()), seed, W_);
  const std::span<T> b = weights.subspan(b_, P);
  std::ranges::fill(b, T(0));
  // Heads that begin with different memories, of some 20 to 400 steps, as in the authors' own code.
  for (std::size_t head = 0; head < N; ++head) {
    const double place = N > 1 ? static_cast<double>(head) / static_cast<double>(N - 1) : 0.0;
    b[row_.f() + head] = static_cast<T>(row_.exponential ? -0.05 + 0.0475 * place : 3.0 + 3.0 * place);
  }
}

template <class T>
void Mlstm<T>::pack(std::span<const T> weights, const Packing& packing) {
  const std::size_t F = this->inputs(), P = row_.products();
  input_.pack(weights.data() + W_, F, P, 1, F, 1, packing.weights);
  if (packing.backward) input_gradient_.pack(weights.data() + W_, P, F, F, 1);
  bias_.assign(weights.begin() + b_, weights.begin() + b_ + P);
  for (std::size_t j = 0; j < row_.hidden(); ++j) bias_[row_.k() + j] *= std::sqrt(static_cast<T>(row_.size));
}

template <class T>
PassSchedule Mlstm<T>::schedule(const Load& load) const {
  const PassSchedule rows = load.by_rows();
  const std::size_t heads = std::max<std::size_t>(1, std::min(load.threads, load.batch * row_.heads));
  return heads > rows.threads ? PassSchedule{SharedBy::heads, heads} : rows;
}

template <class T>
std::unique_ptr<Trace<T>> Mlstm<T>::make_trace() const {
  return std::make_unique<Tr>();
}

template <class T>
template <class Task>
void Mlstm<T>::share_strands(ThreadPool& pool, std::size_t slots, std::size_t parts, Task&& task) const {
  // Sequences come longest first, so that taking turns shares them out evenly.
  const std::size_t strands = slots * row_.heads;
  const auto some = [&](std::size_t part) {
    for (std::size_t at = part; at < strands; at += parts)
      task(part, Strand{at / row_.heads, at % row_.heads});
  };
  if (parts <= 1) return some(0);
  pool.run(parts, some);
}

template <class T>
std::size_t Mlstm<T>::strand_parts(const Pass& pass, std::size_t slots, std::size_t rows) const {
  return work_parts(*pass.pool, slots * row_.heads, 4 * rows * row_.hidden() * row_.size);
}

template <class T>
void Mlstm<T>::gates_of(View<const T> x, View<T> gates) const noexcept {
  gemm(x.rows(), kernels::LeftMatrix<T>{x.data(), x.stride()}, input_, gates.data(), gates.stride(),
       kernels::Start::bias, bias_.data());
  kernels::mlstm_gates<T>(row_, {gates.data(), gates.stride()}, 0, gates.rows());
}

template <class T>
kernels::MlstmForward<T> Mlstm<T>::step_of(std::size_t head, T* row, T* state, T* h) const noexcept {
  const std::size_t d = row_.size;
  return {row_, head, row, state + head * d * d, state + n_of_state() + head * d, state + m_of_state() + head,
          h};
}

template <class T>
void Mlstm<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                       Trace<T>& base) const {
  check_forward(*this, "mlstm.forward", x, View<const T>(state));
  Tr& trace = static_cast<Tr&>(base);
  const SequenceLayout& layout = x.layout();
  const std::size_t B = layout.batch(), S = state_size();
  trace.layout = x.layout_pointer();
  trace.kept = pass.keeps_trace();
  trace.stretch = stretch_steps(layout);
  trace.state.resize({B, S});
  to_slots(layout, View<const T>(state), trace.state.matrix());
  y.reshape(x.layout_pointer(), this->outputs());
  // A step may hold as many rows as there are sequences.
  const std::size_t block = kBlockRows * pass.pool->threads();
  trace.gates.resize({trace.kept ? layout.rows() : std::min(layout.rows(), block + B), row_.width()});
  if (trace.kept)
    trace.kept_state.resize({(layout.time() + trace.stretch - 1) / trace.stretch * B, m_of_state()});
  for (std::size_t t_begin = 0, t_end; t_begin < layout.time(); t_begin = t_end) {
    t_end = end_of_rows(layout, t_begin, block);
    const std::size_t first = layout.first_row(t_begin), rows = layout.first_row(t_end) - first,
                      at = trace.gates_row(t_begin, t_begin), slots = layout.active(t_begin);
    split_work(*pass.pool, rows, product_work(rows), [&](std::size_t begin, std::size_t end) {
      gates_of(x.matrix().rows(first + begin, end - begin),
               trace.gates.matrix().rows(at + begin, end - begin));
    });
    share_strands(*pass.pool, slots, strand_parts(pass, slots, rows),
                  [&](std::size_t, Strand strand) { remember(strand, y, trace, t_begin, t_end); });
  }
  from_slots(layout, View<const T>(trace.state.matrix()), state);
}

template <class T>
void Mlstm<T>::remember(Strand strand, Sequences<T>& y, Tr& trace, std::size_t t_begin,
                        std::size_t t_end) const {
  const SequenceLayout& layout = *trace.layout;
  const std::size_t B = layout.batch(), d = row_.size;
  for (std::size_t t = t_begin; t < t_end && layout.active(t) > strand.slot; ++t) {
    const kernels::MlstmForward<T> step =
        step_of(strand.head, trace.gates.matrix().row(trace.gates_row(t, t_begin) + strand.slot),
                trace.state.matrix().row(strand.slot), y.step(t).row(strand.slot));
    if (trace.kept && t % trace.stretch == 0) {
      T* const kept = trace.kept_state.matrix().row(t / trace.stretch * B + strand.slot);
      std::copy_n(step.C, d * d, kept + strand.head * d * d);
      std::copy_n(step.n, d, kept + n_of_state() + strand.head * d);
    }
    kernels::mlstm_forward(step);
  }
}

template <class T>
void Mlstm<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                        const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                        Trace<T>& base) const {
  Tr& trace = static_cast<Tr&>(base);
  check_backward(*this, "mlstm.backward", x, y, dy, View<const T>(dstate),
                 trace.kept && *trace.layout == x.layout());
  const SequenceLayout& layout = *trace.layout;
  prepare_backward(View<const T>(dstate), trace);
  const std::size_t d = row_.size, threads = pass.pool->threads();
  // Of one strand: C and n before every step and after the last, a note for every step, and three rows.
  trace.scratch.resize({threads, (trace.stretch + 1) * (d * d + d) + trace.stretch * (d + 2) + 3 * d});
  if (dx != nullptr) dx->reshape(x.layout_pointer(), this->inputs());
  trace.weight_gradients.clear();
  trace.weight_gradients.begin(0, {gradient.data() + W_, row_.products(), this->inputs()});
  for (std::size_t t_end = layout.time(), t_begin; t_end > 0; t_end = t_begin) {
    t_begin = (t_end - 1) / trace.stretch * trace.stretch;
    const std::size_t first = layout.first_row(t_begin), rows = layout.first_row(t_end) - first,
                      slots = layout.active(t_begin);
    trace.dgates.resize({rows, row_.products()});
    share_strands(*pass.pool, slots, strand_parts(pass, slots, rows), [&](std::size_t part, Strand strand) {
      backward_of(part, strand, pass, dy, trace, t_begin, t_end);
    });
    segment_gradients(pass, x, dx, gradient, trace, first);
  }
  trace.weight_gradients.end();
  leave_gradients(trace, dstate);
}

/// A matrix [d, d] turned round.
template <class T>
static void turn(std::size_t d, const T* from, T* to) {
  transpose(View<const T>(from, d, d), View<T>(to, d, d));
}

template <class T>
void Mlstm<T>::prepare_backward(View<const T> dstate, Tr& trace) const {
  const std::size_t B = trace.layout->batch(), d = row_.size;
  trace.dstate.resize({B, state_size()});
  to_slots(*trace.layout, dstate, trace.dstate.matrix());
  trace.dC_turned.resize({B, n_of_state()});
  trace.decay.resize({B, row_.heads});
  trace.decay.fill(T(1));
  for (std::size_t slot = 0; slot < B; ++slot)
    for (std::size_t at = 0; at < n_of_state(); at += d * d)
      turn<T>(d, trace.dstate.matrix().row(slot) + at, trace.dC_turned.matrix().row(slot) + at);
}

template <class T>
void Mlstm<T>::leave_gradients(Tr& trace, View<T> dstate) const {
  const std::size_t d = row_.size;
  for (std::size_t slot = 0; slot < trace.layout->batch(); ++slot)
    for (std::size_t head = 0; head < row_.heads; ++head)
      for (std::size_t at = head * d * d; at < (head + 1) * d * d; ++at)
        trace.dstate.matrix()(slot, at) *= trace.decay.matrix()(slot, head);
  from_slots(*trace.layout, View<const T>(trace.dstate.matrix()), dstate);
}

template <class T>
void Mlstm<T>::backward_of(std::size_t part, Strand strand, const Pass& pass, const Sequences<T>& dy,
                           Tr& trace, std::size_t t_begin, std::size_t t_end) const {
  const SequenceLayout& layout = *trace.layout;
  const std::size_t slot = strand.slot, head = strand.head;
  const std::size_t d = row_.size, memory = d * d + d, first = layout.first_row(t_begin);
  const std::size_t steps = std::min(t_end, layout.length(layout.sequence(slot))) - t_begin;  // at least one
  T* const before = trace.scratch.matrix().row(part);  // C turned round and n, before step 0, 1, ...
  T* const notes = before + (trace.stretch + 1) * memory;
  T* const rest = notes + trace.stretch * (d + 2);
  const auto gates = [&](std::size_t s) {
    return trace.gates.matrix().row(layout.first_row(t_begin + s) + slot);
  };
  const auto dgates = [&](std::size_t s) {
    return trace.dgates.matrix().row(layout.first_row(t_begin + s) - first + slot);
  };
  const T* kept = trace.kept_state.matrix().row(t_begin / trace.stretch * layout.batch() + slot);
  turn<T>(d, kept + head * d * d, before);
  std::copy_n(kept + n_of_state() + head * d, d, before + d * d);
  for (std::size_t s = 0; s < steps; ++s) {
    T *const C = before + s * memory, *const next = C + memory;
    kernels::mlstm_again<T>({row_, head, gates(s), dy.step(t_begin + s).row(slot), C, C + d * d, next,
                             next + d * d, notes + s * (d + 2), dgates(s)});
  }
  T* const dstate = trace.dstate.matrix().row(slot);
  T *const dC = dstate + head * d * d, *const dC_turned = trace.dC_turned.matrix().row(slot) + head * d * d;
  T *const dn = dstate + n_of_state() + head * d, *const dm = dstate + m_of_state() + head;
  for (std::size_t s = steps; s-- > 0;) {
    const T* C = before + s * memory;
    kernels::mlstm_backward<T>({row_, head, gates(s), notes + s * (d + 2), C, C + d * d, dC, dC_turned, dn,
                                dm, trace.decay.matrix().row(slot) + head, dgates(s), rest});
    if (!truncates(pass, t_begin + s)) continue;
    std::fill_n(dC, d * d, T(0));
    std::fill_n(dC_turned, d * d, T(0));
    std::fill_n(dn, d, T(0));
    *dm = T(0);
  }
}

template <class T>
void Mlstm<T>::segment_gradients(const Pass& pass, const Sequences<T>& x, Sequences<T>* dx,
                                 std::span<T> gradient, Tr& trace, std::size_t first) const {
  const std::size_t P = row_.products(), F = this->inputs(), H = row_.hidden();
  const View<const T> dgates = trace.dgates.matrix();
  const View<const T> factor = x.matrix().rows(first, dgates.rows());
  trace.weight_gradients.add(*pass.pool, dgates, {&factor, 1});
  // The bias of k is added to what has been divided by sqrt(d), of which dgates is the gradient.
  trace.bias_sums.resize({P});
  trace.bias_sums.fill(T(0));
  kernels::add_column_sums(dgates.data(), dgates.rows(), P, P, trace.bias_sums.data());
  for (std::size_t p = 0; p < P; ++p)
    gradient[b_ + p] +=
        p / H == 1 ? trace.bias_sums[p] * std::sqrt(static_cast<T>(row_.size)) : trace.bias_sums[p];
  if (dx == nullptr) return;
  split_work(*pass.pool, dgates.rows(), product_work(dgates.rows()), [&](std::size_t begin, std::size_t end) {
    gemm(end - begin, kernels::LeftMatrix<T>{dgates.row(begin), P}, input_gradient_,
         dx->matrix().row(first + begin), F, kernels::Start::zero);
  });
}

template <class T>
void Mlstm<T>::step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept {
  const View<T> gates(scratch, x.rows(), row_.width());
  gates_of(x, gates);
  for (std::size_t b = 0; b < x.rows(); ++b)
    for (std::size_t head = 0; head < row_.heads; ++head)
      kernels::mlstm_forward(step_of(head, gates.row(b), state.row(b), y.row(b)));
}

template <class T>
void Mlstm<T>::recordings(const Trace<T>& base, const std::string& name,
                          std::vector<Recording<T>>& out) const {
  const Tr& trace = static_cast<const Tr&>(base);
  if (!trace.kept) return;
  const View<const T> gates = trace.gates.matrix();
  out.push_back({name + ".i", gates.columns(row_.i(), row_.heads), trace.layout});
  out.push_back({name + ".f", gates.columns(row_.f(), row_.heads), trace.layout});
  out.push_back({name + ".o", gates.columns(row_.o(), row_.hidden()), trace.layout});
}

template class Mlstm<float>;
template class Mlstm<double>;

}  // namespace carousel
