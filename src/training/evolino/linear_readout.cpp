#include "training/evolino/linear_readout.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "layers/dense.h"
#include "training/evolino/least_squares.h"

namespace carousel {

namespace {

template <class T>
std::vector<LayerSpec> hidden_layers(const Network<T>& network) {
  const auto* last = dynamic_cast<const Dense<T>*>(network.layers().back());
  if (last == nullptr || last->activation().kind != kernels::ActivationKind::identity ||
      network.spec().size() < 2)
    throw SettingError(
        fmt::format("layers: found {}, expected hidden layers and behind them 'dense {}': its weights are "
                    "solved, so that it "
                    "must be linear",
                    to_text(network.spec()), network.outputs()));
  return {network.spec().begin(), network.spec().end() - 1};
}

template <class T>
void check_stretch(const LinearReadoutTask<T>& task, const Stretch<T>& stretch, const char* name) {
  const SequenceLayout& layout = stretch.targets.layout();
  const std::size_t expected = task.network.inputs() - (task.feedback ? task.network.outputs() : 0);
  if (stretch.inputs.layout() != layout)
    throw Error(fmt::format("[evolino] {}: inputs and targets are of different lengths", name));
  if (stretch.inputs.features() != expected || stretch.targets.features() != task.network.outputs())
    throw Error(fmt::format("[evolino] {}: expected inputs [T, B, {}] and targets [T, B, {}], got {} and {}",
                            name, expected, task.network.outputs(), stretch.inputs.features(),
                            stretch.targets.features()));
  if (layout.batch() == 0 ||
      std::ranges::any_of(layout.lengths(), [&](std::size_t n) { return n <= stretch.washout; }))
    throw Error(fmt::format("[evolino] {}: expected sequences of more than the {} steps of the washout", name,
                            stretch.washout));
  const bool missing = std::ranges::any_of(stretch.targets.values(), [](T v) { return std::isnan(v); });
  const bool infinite = std::ranges::any_of(stretch.targets.values(), [](T v) { return std::isinf(v); });
  if (infinite || (missing && task.feedback))
    throw Error(fmt::format("[evolino] {}: expected finite targets{}", name,
                            task.feedback ? ", one at each step where they come back as inputs" : ""));
}

template <class T>
void check(const LinearReadoutTask<T>& task) {
  if (!(task.ridge >= 0) || !std::isfinite(task.ridge))
    throw SettingError(fmt::format("ridge: found {}, expected a number of at least 0", task.ridge));
  if (task.feedback && (!std::isfinite(*task.feedback) || task.network.inputs() < task.network.outputs()))
    throw SettingError(
        fmt::format("feedback: found {} for a network of {} inputs and {} outputs, expected a number and an "
                    "input for each output",
                    *task.feedback, task.network.inputs(), task.network.outputs()));
  if (task.free_run && (!task.feedback || !task.network.causal()))
    throw SettingError(
        "free_run: expected outputs that come back (feedback) and layers that run forward in time");
  if (task.network.output_length(2) != 2)
    throw SettingError("layers: an output for each step is solved, but these shorten sequences");
  check_stretch(task, task.fit, "fit");
  check_stretch(task, task.judge, "judge");
  // Perfect outputs have a loss of 0 unless no target ever changes.
  if (std::isnan(normalised_error(task.judge.targets, task.judge)))
    throw Error("[evolino] judge: expected targets that are finite and change behind the washout");
}

template <class T>
bool all_finite(View<const T> rows) {
  for (std::size_t r = 0; r < rows.rows(); ++r)
    if (!std::ranges::all_of(rows.row_span(r), [](T v) { return std::isfinite(v); })) return false;
  return true;
}

}  // namespace

template <class T>
LinearReadout<T>::LinearReadout(const LinearReadoutTask<T>& task)
    : task_(task),
      network_(task.network.spec(), task.network.inputs()),
      hidden_(hidden_layers(task.network), task.network.inputs()) {
  check(task);
  fit_rows_ = rows_with_targets(task.fit);
  if (fit_rows_.empty()) throw Error("[evolino] fit: expected a step behind the washout with its targets");
  fit_targets_ = take_rows(task.fit.targets, fit_rows_);
  fit_input_ = teacher_forced(task.fit, task.feedback);
  if (!task.free_run) judge_input_ = teacher_forced(task.judge, task.feedback);
}

template <class T>
Sequences<T> LinearReadout<T>::forward(const Network<T>& network, const Sequences<T>& x) {
  Sequences<T> y;
  Tensor<T> state = network.start(x.layout().batch());
  network.forward({.pool = &alone_}, x, state.matrix(), y, *network.make_trace());
  return y;
}

template <class T>
Sequences<T> LinearReadout<T>::run() {
  return task_.free_run ? free_run(network_, task_.judge, *task_.feedback) : forward(network_, judge_input_);
}

template <class T>
double LinearReadout<T>::solve(std::span<T> weights) {
  const std::size_t begin = hidden_.weights().size(), H = hidden_.outputs(), O = network_.outputs();
  hidden_.set_weights(weights.first(begin));
  const Tensor<T> phi = take_rows(forward(hidden_, fit_input_), fit_rows_);
  const View<const T> x = phi.matrix(), d = fit_targets_.matrix();
  const View<T> W(weights.data() + begin, O, H);
  if (!all_finite(x) || !solve_least_squares(x, d, task_.ridge, W, weights.subspan(begin + O * H)))
    return std::numeric_limits<double>::quiet_NaN();
  network_.set_weights(weights);
  return normalised_error(run(), task_.judge);
}

template <class T>
std::size_t readout_begin(const Network<T>& network) {
  const std::string last = fmt::format("layers.{}.", network.spec().size() - 1);
  for (const Parameter& parameter : network.parameters().all())
    if (parameter.name.starts_with(last)) return parameter.offset;
  return network.weights().size();
}

template <class T>
std::vector<WeightGroup> evolved_groups(const Network<T>& network) {
  std::vector<WeightGroup> groups = weight_groups(network, WeightGrouping::unit);
  const std::size_t end = readout_begin(network);
  std::erase_if(groups, [&](const WeightGroup& group) { return group.front() >= end; });
  return groups;
}

template class LinearReadout<float>;
template class LinearReadout<double>;
template std::size_t readout_begin(const Network<float>&);
template std::size_t readout_begin(const Network<double>&);
template std::vector<WeightGroup> evolved_groups(const Network<float>&);
template std::vector<WeightGroup> evolved_groups(const Network<double>&);

}  // namespace carousel
