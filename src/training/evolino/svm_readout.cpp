#include "training/evolino/svm_readout.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace carousel {

namespace {

template <class T>
void check(const Network<T>& network, const ClassedSequences<T>& examples, const char* name) {
  const SequenceLayout& layout = examples.inputs.layout();
  if (examples.inputs.features() != network.inputs() || examples.classes.size() != layout.batch())
    throw Error(
        fmt::format("[svm_readout] {}: expected inputs [T, B, {}] and B classes, got [{}, {}, {}] and {}",
                    name, network.inputs(), layout.time(), layout.batch(), examples.inputs.features(),
                    examples.classes.size()));
  if (layout.batch() == 0 ||
      std::ranges::any_of(layout.lengths(), [&](std::size_t n) { return network.output_length(n) == 0; }))
    throw Error(fmt::format("[svm_readout] {}: expected sequences with a step to put out", name));
}

/// See the header's m.
double margin(const SvmModel& model, const std::vector<double>& decisions, std::size_t own) {
  double least = std::numeric_limits<double>::infinity();
  std::size_t pair = 0;
  for (std::size_t i = 0; i < model.classes.size(); ++i)
    for (std::size_t j = i + 1; j < model.classes.size(); ++j, ++pair) {
      if (model.classes[i] == own) least = std::min(least, decisions[pair]);
      if (model.classes[j] == own) least = std::min(least, -decisions[pair]);
    }
  return least;
}

}  // namespace

template <class T>
Tensor<double> last_outputs(const Network<T>& network, ThreadPool& pool, const Sequences<T>& inputs) {
  Sequences<T> y;
  Tensor<T> state = network.start(inputs.layout().batch());
  network.forward({.pool = &pool}, inputs, state.matrix(), y, *network.make_trace());
  Tensor<double> result({inputs.layout().batch(), network.outputs()});
  for (std::size_t b = 0; b < y.layout().batch(); ++b)
    std::ranges::copy(y.at(b, y.layout().length(b) - 1), result.matrix().row(b));
  return result;
}

template <class T>
SvmReadout<T>::SvmReadout(const SvmReadoutTask<T>& task)
    : task_(task), network_(task.network.spec(), task.network.inputs()) {
  check(network_, task.fit, "fit");
  check(network_, task.judge, "judge");
  const std::set<std::size_t> known(task.fit.classes.begin(), task.fit.classes.end());
  for (const std::size_t c : task.judge.classes)
    if (!known.contains(c))
      throw Error(fmt::format("[svm_readout] judge: class {} is none of those to be learned", c));
}

template <class T>
double SvmReadout<T>::solve(std::span<T> weights) {
  network_.set_weights(weights);
  const Tensor<double> x = last_outputs(network_, alone_, task_.fit.inputs);
  const Tensor<double> judged = last_outputs(network_, alone_, task_.judge.inputs);
  const auto finite = [](double v) { return std::isfinite(v); };
  if (!std::ranges::all_of(x.span(), finite) || !std::ranges::all_of(judged.span(), finite))
    return std::numeric_limits<double>::quiet_NaN();
  model_ = train_svm(x.matrix(), task_.fit.classes, task_.svm);
  double sum = 0;
  for (std::size_t b = 0; b < task_.judge.classes.size(); ++b)
    sum += std::max(
        0.0, 1 - margin(model_, svm_decisions(model_, judged.matrix().row_span(b)), task_.judge.classes[b]));
  return sum / static_cast<double>(task_.judge.classes.size());
}

template class SvmReadout<float>;
template class SvmReadout<double>;
template Tensor<double> last_outputs(const Network<float>&, ThreadPool&, const Sequences<float>&);
template Tensor<double> last_outputs(const Network<double>&, ThreadPool&, const Sequences<double>&);

}  // namespace carousel
