#include "layers/mlstm.h"

#include <fmt/format.h>

#include <cmath>

#include "kernels/reductions.h"
#include "kernels/transpose.h"
#include "layers/check.h"
#include "layers/slots.h"
#include "tensor/initialise.h"

namespace carousel {

// Rows whose product is made before their memory, for each thread: enough for meeting twice not to matter,
// few enough that the activations are still in cache.
static constexpr std::size_t kBlockRows = 384;
// Steps between memories that are kept for backward, at least: those in between are made anew. Also the steps
// of one segment of the weights' gradients.
static constexpr std::size_t kStretch = 64;

/// Runs of so many steps that a kernel takes at once.
static constexpr std::size_t runs_of(std::size_t steps) {
  return (steps + kernels::kMlstmSteps - 1) / kernels::kMlstmSteps;
}
/// Steps of a stretch: it has about as many runs, before each of which backward needs C, as there are
/// stretches; both grow with the root of all steps.
static std::size_t stretch_steps(const SequenceLayout& layout) {
  constexpr double kSteps = kernels::kMlstmSteps;
  const double runs = std::sqrt(static_cast<double>(layout.time()) / kSteps);
  return std::max(kStretch, static_cast<std::size_t>(std::ceil(runs)) * kernels::kMlstmSteps);
}
/// A thread's scratch for the steps back of a stretch: the kernels' own, a note of every run, n, and C before
/// every run and after the last.
static std::size_t stretch_scratch(const kernels::MlstmRow& row, std::size_t stretch) {
  return row.backward_scratch() + runs_of(stretch) * row.note() + row.padded() +
         (runs_of(stretch) + 1) * row.size * row.size;
}

/// The buffers of one pass; "slots" means one row a sequence, slot by slot.
template <class T>
struct MlstmTrace : Trace<T> {
  LayoutPointer layout;
  bool kept = false;                     // gates holds every step, not the last block only
  std::size_t stretch = 0;               // steps
  Tensor<T> gates;                       // [rows, width] activations
  Tensor<T> kept_memory;                 // [rows, H d + H]: C and n before each stretch, slot by slot
  std::vector<std::size_t> stretch_row;  // [stretches]: the first of kept_memory
  Tensor<T> decay;                       // [B, N] slots: of the gradient on C
  Tensor<T> dgates;                      // [segment rows, products]
  Tensor<T> bias_sums;                   // [products]
  Tensor<T> scratch;                     // [threads, stretch of one strand]
  SegmentedGradients<T> weight_gradients;

  /// Room for the memory before every stretch, of the sequences that reach it.
  void lay_out(std::size_t values) {
    stretch_row.clear();
    std::size_t rows = 0;
    for (std::size_t t = 0; t < layout->time(); t += stretch) {
      stretch_row.push_back(rows);
      rows += layout->active(t);
    }
    kept_memory.resize({rows, values});
  }
  /// Before step t, the first of a stretch.
  T* memory_before(std::size_t t, std::size_t slot) noexcept {
    return kept_memory.matrix().row(stretch_row[t / stretch] + slot);
  }

  std::size_t gates_row(std::size_t t, std::size_t t_begin) const noexcept {
    return layout->first_row(t) - (kept ? 0 : layout->first_row(t_begin));
  }
};

template <class T>
std::string Mlstm<T>::description() const {
  return fmt::format("mlstm, hidden {}, {} heads of {} x {}, {} forget gate{}{}", this->outputs(), row_.heads,
                     row_.size, row_.size, forget_activation_names()[row_.exponential ? 1 : 0], noise_.text(),
                     start_.text());
}

template <class T>
std::size_t Mlstm<T>::unit_of(const Parameter& parameter, std::size_t element) const {
  const std::size_t H = row_.hidden(), d = row_.size;
  if (start_.is(parameter)) return element < H * d ? element / (d * d) : (element - H * d) / d;
  const std::size_t row = row_of(parameter, element);
  return row < 4 * H ? row % H / d : (row - 4 * H) % row_.heads;
}

template <class T>
void Mlstm<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  const std::size_t F = this->inputs(), P = row_.products(), N = row_.heads;
  fill_uniform(weights.subspan(W_, P * F), glorot_limit(F, this->outputs()), seed, W_);
  const std::span<T> b = weights.subspan(b_, P);
  std::ranges::fill(b, T(0));
  start_.initialise(weights);
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
kernels::MlstmForward<T> Mlstm<T>::steps_of(std::size_t head, std::size_t steps, T* state,
                                            T* scratch) const noexcept {
  const std::size_t d = row_.size;
  return {.what = row_,
          .head = head,
          .steps = steps,
          .row = {},
          .C = state + head * d * d,
          .n = state + n_of_state() + head * d,
          .m = state + m_of_state() + head,
          .h = {},
          .scratch = scratch};
}

template <class T>
void Mlstm<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                       Trace<T>& base) const {
  check_forward(*this, "mlstm.forward", x, View<const T>(state));
  Tr& trace = static_cast<Tr&>(base);
  const SequenceLayout& layout = x.layout();
  trace.layout = x.layout_pointer();
  trace.kept = pass.keeps_trace();
  trace.stretch = stretch_steps(layout);
  y.reshape(x.layout_pointer(), this->outputs());
  // A step may hold as many rows as there are sequences.
  const std::size_t block = kBlockRows * pass.pool->threads();
  trace.gates.resize(
      {trace.kept ? layout.rows() : std::min(layout.rows(), block + layout.batch()), row_.width()});
  trace.scratch.resize({most_parts(pass, layout), row_.forward_scratch(kernels::kMlstmSteps)});
  if (trace.kept) trace.lay_out(m_of_state());
  for (std::size_t t_begin = 0, t_end; t_begin < layout.time(); t_begin = t_end) {
    t_end = end_of_rows(layout, t_begin, block);
    const std::size_t first = layout.first_row(t_begin), rows = layout.first_row(t_end) - first,
                      at = trace.gates_row(t_begin, t_begin), slots = layout.active(t_begin);
    split_work(*pass.pool, rows, product_work(rows), [&](std::size_t begin, std::size_t end) {
      gates_of(x.matrix().rows(first + begin, end - begin),
               trace.gates.matrix().rows(at + begin, end - begin));
    });
    share_strands(*pass.pool, slots, strand_parts(pass, slots, rows), [&](std::size_t part, Strand strand) {
      remember(part, strand, state, y, trace, t_begin, t_end);
    });
  }
}

template <class T>
void Mlstm<T>::remember(std::size_t part, Strand strand, View<T> state, Sequences<T>& y, Tr& trace,
                        std::size_t t_begin, std::size_t t_end) const {
  const SequenceLayout& layout = *trace.layout;
  const std::size_t d = row_.size, sequence = layout.sequence(strand.slot),
                    end = std::min(t_end, layout.length(sequence));
  for (std::size_t t = t_begin, next; t < end; t = next) {
    next = std::min({end, t + kernels::kMlstmSteps, (t / trace.stretch + 1) * trace.stretch});
    kernels::MlstmForward<T> run =
        steps_of(strand.head, next - t, state.row(sequence), trace.scratch.matrix().row(part));
    if (trace.kept && t % trace.stretch == 0) {
      T* const kept = trace.memory_before(t, strand.slot);
      std::copy_n(run.C, d * d, kept + strand.head * d * d);
      std::copy_n(run.n, d, kept + n_of_state() + strand.head * d);
    }
    for (std::size_t s = 0; s < run.steps; ++s) {
      run.row[s] = trace.gates.matrix().row(trace.gates_row(t + s, t_begin) + strand.slot);
      run.h[s] = y.step(t + s).row(strand.slot);
    }
    kernels::mlstm_forward(run);
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
  trace.decay.resize({layout.batch(), row_.heads});
  const std::size_t longest = std::min(trace.stretch, layout.time());
  trace.scratch.resize({most_parts(pass, layout), stretch_scratch(row_, longest)});
  if (dx != nullptr) dx->reshape(x.layout_pointer(), this->inputs());
  trace.weight_gradients.clear();
  trace.weight_gradients.begin(0, {gradient.data() + W_, row_.products(), this->inputs()});
  for (std::size_t t_end = layout.time(), t_begin; t_end > 0; t_end = t_begin) {
    t_begin = (t_end - 1) / trace.stretch * trace.stretch;
    const std::size_t first = layout.first_row(t_begin), rows = layout.first_row(t_end) - first,
                      slots = layout.active(t_begin);
    trace.dgates.resize({rows, row_.products()});
    share_strands(*pass.pool, slots, strand_parts(pass, slots, rows), [&](std::size_t part, Strand strand) {
      const std::size_t sequence = layout.sequence(strand.slot),
                        end = std::min(t_end, layout.length(sequence));
      T* const scratch = trace.scratch.matrix().row(part);
      T *const notes = scratch + row_.backward_scratch(), *const n = notes + runs_of(longest) * row_.note();
      const MlstmStretch<T> stretch{strand.slot, strand.head, t_begin, end - t_begin,
                                    scratch,     notes,       n,       n + row_.padded()};
      remember_again(stretch, y, dy, trace);
      go_back(stretch, pass, dstate.row(sequence), trace);
    });
    segment_gradients(pass, x, dx, gradient, trace, first);
  }
  trace.weight_gradients.end();
}

/// A matrix [d, d] turned round.
template <class T>
static void turn(std::size_t d, const T* from, T* to) {
  kernels::transpose<T>(d, d, {from, d}, {to, d});
}

/// A head of a sequence from step t_begin on, and what backward needs for it.
template <class T>
struct MlstmStretch {
  std::size_t slot, head, t_begin, steps;
  T* scratch;  // the kernels' own
  T* notes;    // of every run
  T* n;
  T* before;  // C turned round: before every run and after the last
};

template <class T>
template <class Run>
void Mlstm<T>::rows_of(const MlstmStretch<T>& stretch, Tr& trace, std::size_t begin, std::size_t end,
                       Run& run) const {
  const SequenceLayout& layout = *trace.layout;
  const std::size_t first = layout.first_row(stretch.t_begin);
  for (std::size_t s = begin; s < end; ++s) {
    const std::size_t row = layout.first_row(stretch.t_begin + s) + stretch.slot;
    run.row[s - begin] = trace.gates.matrix().row(row);
    run.dgates[s - begin] = trace.dgates.matrix().row(row - first);
  }
}

template <class T>
void Mlstm<T>::remember_again(const MlstmStretch<T>& stretch, const Sequences<T>& y, const Sequences<T>& dy,
                              Tr& trace) const {
  const std::size_t d = row_.size, head = stretch.head;
  const T* const kept = trace.memory_before(stretch.t_begin, stretch.slot);
  turn<T>(d, kept + head * d * d, stretch.before);
  std::copy_n(kept + n_of_state() + head * d, d, stretch.n);
  for (std::size_t begin = 0, number = 0; begin < stretch.steps; begin += kernels::kMlstmSteps, ++number) {
    const std::size_t end = std::min(stretch.steps, begin + kernels::kMlstmSteps);
    T* const C = stretch.before + number * d * d;
    kernels::MlstmAgain<T> run{.what = row_,
                               .head = head,
                               .steps = end - begin,
                               .row = {},
                               .h = {},
                               .dh = {},
                               .C_before = C,
                               .C = C + d * d,
                               .n = stretch.n,
                               .note = stretch.notes + number * row_.note(),
                               .dgates = {},
                               .scratch = stretch.scratch};
    rows_of(stretch, trace, begin, end, run);
    for (std::size_t s = begin; s < end; ++s) {
      run.h[s - begin] = y.step(stretch.t_begin + s).row(stretch.slot);
      run.dh[s - begin] = dy.step(stretch.t_begin + s).row(stretch.slot);
    }
    kernels::mlstm_again(run);
  }
}

template <class T>
void Mlstm<T>::go_back(const MlstmStretch<T>& stretch, const Pass& pass, T* dstate, Tr& trace) const {
  const std::size_t d = row_.size, head = stretch.head, slot = stretch.slot;
  // C after the last run is what nobody asks for: dC turned round takes its place.
  T *const dC = dstate + head * d * d, *const dC_turned = stretch.before + runs_of(stretch.steps) * d * d,
           *const dn = dstate + n_of_state() + head * d, *const dm = dstate + m_of_state() + head;
  T* const decay = trace.decay.matrix().row(slot) + head;
  turn<T>(d, dC, dC_turned);
  if (stretch.t_begin + stretch.steps == trace.layout->length(trace.layout->sequence(slot))) *decay = T(1);
  for (std::size_t end = stretch.steps, begin; end > 0; end = begin) {
    const std::size_t number = (end - 1) / kernels::kMlstmSteps, start = number * kernels::kMlstmSteps;
    for (begin = end - 1; begin > start && !truncates(pass, stretch.t_begin + begin);) --begin;
    kernels::MlstmBackward<T> run{.what = row_,
                                  .head = head,
                                  .begin = begin - start,
                                  .end = end - start,
                                  .row = {},
                                  .note = stretch.notes + number * row_.note(),
                                  .C_before = stretch.before + number * d * d,
                                  .dC = dC,
                                  .dC_turned = dC_turned,
                                  .dn = dn,
                                  .dm = dm,
                                  .decay = decay,
                                  .dgates = {},
                                  .scratch = stretch.scratch};
    rows_of(stretch, trace, start, end, run);
    kernels::mlstm_backward(run);
    if (!truncates(pass, stretch.t_begin + begin)) continue;
    std::fill_n(dC, d * d, T(0));
    std::fill_n(dC_turned, d * d, T(0));
    std::fill_n(dn, d, T(0));
    *dm = T(0);
    *decay = T(1);
  }
  if (stretch.t_begin == 0) kernels::mlstm_decay(d * d, *decay, dC);
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
    for (std::size_t head = 0; head < row_.heads; ++head) {
      kernels::MlstmForward<T> run =
          steps_of(head, 1, state.row(b), gates.row(0) + gates.rows() * row_.width());
      run.row[0] = gates.row(b);
      run.h[0] = y.row(b);
      kernels::mlstm_forward(run);
    }
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
