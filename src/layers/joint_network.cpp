#include "layers/joint_network.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "kernels/activations.h"
#include "layers/work_split.h"

namespace carousel {

namespace {

template <class T>
void add(std::span<const T> a, std::span<const T> b, std::span<T> sum) noexcept {
  for (std::size_t j = 0; j < sum.size(); ++j) sum[j] = a[j] + b[j];
}
template <class T>
void add_to(std::span<T> sum, std::span<const T> more) noexcept {
  for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += more[j];
}

}  // namespace

template <class T>
void JointNetwork<T>::declare(ParameterTable& table) {
  source_.declare(table, "joint.source");
  prediction_.declare(table, "joint.prediction");
  output_.declare(table, "output");
}

template <class T>
void JointNetwork<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  source_.initialise(weights, seed);
  prediction_.initialise(weights, seed);
  output_.initialise(weights, seed);
}

template <class T>
void JointNetwork<T>::pack(std::span<const T> weights, const Packing& packing) {
  source_.pack(weights, packing);
  prediction_.pack(weights, packing);
  output_.pack(weights, packing);
}

template <class T>
void JointNetwork<T>::lay_out(const SequenceLayout& memory, const SequenceLayout& predictions,
                              JointTrace<T>& trace) const {
  std::vector<std::size_t> lengths(memory.batch());
  for (std::size_t b = 0; b < lengths.size(); ++b)
    lengths[b] = checked_multiply(memory.length(b), predictions.length(b), "lattice");
  if (trace.lattice == nullptr || trace.lattice->lengths() != lengths)
    trace.lattice = std::make_shared<SequenceLayout>(std::move(lengths));
}

template <class T>
void JointNetwork<T>::forward(const Pass& pass, const Sequences<T>& memory, const Sequences<T>& predictions,
                              Sequences<T>& logits, JointTrace<T>& trace) const {
  const std::size_t B = memory.layout().batch();
  if (memory.features() != features_ || predictions.features() != predictions_ ||
      predictions.layout().batch() != B)
    throw Error(
        fmt::format("[joint.forward] expected memory [S, B, {}] and predictions [U + 1, B, {}], got [{}, {}, "
                    "{}] and [{}, "
                    "{}, {}]",
                    features_, predictions_, memory.layout().time(), B, memory.features(),
                    predictions.layout().time(), predictions.layout().batch(), predictions.features()));
  lay_out(memory.layout(), predictions.layout(), trace);
  trace.kept = pass.keeps_trace();
  trace.sources.reshape(memory.layout_pointer(), width_);
  trace.predictions.reshape(predictions.layout_pointer(), width_);
  trace.hidden.reshape(trace.lattice, width_);
  logits.reshape(trace.lattice, outputs_);
  ThreadPool& pool = *pass.pool;
  split_work(pool, memory.rows(), memory.rows() * features_ * width_,
             [&](std::size_t begin, std::size_t end) {
               project_sources(memory.matrix().rows(begin, end - begin),
                               trace.sources.matrix().rows(begin, end - begin));
             });
  split_work(pool, predictions.rows(), predictions.rows() * predictions_ * width_,
             [&](std::size_t begin, std::size_t end) {
               project_predictions(predictions.matrix().rows(begin, end - begin),
                                   trace.predictions.matrix().rows(begin, end - begin));
             });
  split_work(pool, B, trace.hidden.values().size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b)
      for (std::size_t t = 0, i = 0; t < memory.layout().length(b); ++t)
        for (std::size_t u = 0; u < predictions.layout().length(b); ++u, ++i)
          add<T>(std::as_const(trace.sources).at(b, t), std::as_const(trace.predictions).at(b, u),
                 trace.hidden.at(b, i));
  });
  const View<T> hidden = trace.hidden.matrix();
  split_work(pool, hidden.rows(), hidden.rows() * width_ * outputs_, [&](std::size_t begin, std::size_t end) {
    kernels::tanh(hidden.row(begin), hidden.row(begin), (end - begin) * width_);
    output_.map(hidden.rows(begin, end - begin), logits.matrix().rows(begin, end - begin));
  });
}

template <class T>
void JointNetwork<T>::sum_gradients(ThreadPool& pool, JointTrace<T>& trace) const {
  trace.dsources.fill(T(0));
  trace.dpredictions.fill(T(0));
  const SequenceLayout &sources = trace.sources.layout(), &predictions = trace.predictions.layout();
  split_work(pool, sources.batch(), trace.hidden.values().size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b)
      for (std::size_t t = 0, i = 0; t < sources.length(b); ++t)
        for (std::size_t u = 0; u < predictions.length(b); ++u, ++i) {
          const std::span<T> d = trace.dhidden.at(b, i);
          const std::span<const T> h = std::as_const(trace.hidden).at(b, i);
          for (std::size_t j = 0; j < width_; ++j) d[j] *= 1 - h[j] * h[j];
          add_to<T>(trace.dsources.at(b, t), d);
          add_to<T>(trace.dpredictions.at(b, u), d);
        }
  });
}

template <class T>
void JointNetwork<T>::backward(const Pass& pass, const Sequences<T>& memory, const Sequences<T>& predictions,
                               const Sequences<T>& dlogits, Sequences<T>& dmemory, Sequences<T>& dpredictions,
                               std::span<T> gradient, JointTrace<T>& trace) const {
  if (!trace.kept)
    throw Error("[joint.backward] the forward pass before it was not made with Pass::training");
  if (dlogits.layout() != *trace.lattice || dlogits.features() != outputs_)
    throw Error(
        fmt::format("[joint.backward] expected dlogits [{}, {}, {}], got [{}, {}, {}] or other lengths",
                    trace.lattice->time(), trace.lattice->batch(), outputs_, dlogits.layout().time(),
                    dlogits.layout().batch(), dlogits.features()));
  ThreadPool& pool = *pass.pool;
  trace.dhidden.reshape(trace.lattice, width_);
  trace.dsources.reshape(memory.layout_pointer(), width_);
  trace.dpredictions.reshape(predictions.layout_pointer(), width_);
  dmemory.reshape(memory.layout_pointer(), features_);
  dpredictions.reshape(predictions.layout_pointer(), predictions_);
  output_.add_gradients(pool, dlogits.matrix(), std::as_const(trace.hidden).matrix(), gradient, trace.packed);
  output_.input_gradient(pool, dlogits.matrix(), trace.dhidden.matrix());
  sum_gradients(pool, trace);
  const View<const T> of_sources = std::as_const(trace.dsources).matrix();
  const View<const T> of_predictions = std::as_const(trace.dpredictions).matrix();
  source_.add_gradients(pool, of_sources, memory.matrix(), gradient, trace.packed);
  source_.input_gradient(pool, of_sources, dmemory.matrix());
  prediction_.add_gradients(pool, of_predictions, predictions.matrix(), gradient, trace.packed);
  prediction_.input_gradient(pool, of_predictions, dpredictions.matrix());
}

template <class T>
void JointNetwork<T>::put_out(std::span<const T> source, View<const T> predictions, View<T> logits,
                              T* hidden) const noexcept {
  const View<T> h(hidden, predictions.rows(), width_);
  for (std::size_t r = 0; r < h.rows(); ++r) add<T>(source, predictions.row_span(r), h.row_span(r));
  kernels::tanh(hidden, hidden, h.rows() * width_);
  output_.map(h, logits);
}

template class JointNetwork<float>;
template class JointNetwork<double>;

}  // namespace carousel
