#include "training/kalman/kalman.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/activations.h"
#include "kernels/reductions.h"

namespace carousel {

namespace {

constexpr std::size_t kMostMeasured = 4096;  // of an update: it takes the square of as many numbers

void check_number(const char* name, double value, bool zero_too) {
  if (!std::isfinite(value) || value < 0 || (value == 0 && !zero_too))
    throw SettingError(
        fmt::format("{}: found {}, expected a number {} 0", name, value, zero_too ? "of at least" : "above"));
}

void check(const KalmanOptions& o) {
  check_number("variance", o.variance, false);
  check_number("measurement_noise", o.measurement_noise, false);
  check_number("final_measurement_noise", o.final_measurement_noise, false);
  check_number("process_noise", o.process_noise, true);
  check_number("final_process_noise", o.final_process_noise, true);
  if ((o.process_noise == 0) != (o.final_process_noise == 0))
    throw SettingError(
        fmt::format("final_process_noise: found {} after process_noise {}, expected both 0 or both above 0",
                    o.final_process_noise, o.process_noise));
  if (!(o.annealing > 0 && o.annealing <= 1))
    throw SettingError(fmt::format("annealing: found {}, expected above 0 and at most 1", o.annealing));
}

template <class T>
void check(const KalmanOptions& options, const Network<T>& network) {
  check(options);
  if (network.perturbed())
    throw SettingError(
        "weight_noise, drop_connect: kalman keeps account of the weights as they are; leave these out of the "
        "layers");
  if (network.causal()) return;
  if (options.update == KalmanUpdate::step)
    throw SettingError(fmt::format("update: found step, but {} needs whole sequences; expected sequence",
                                   network.first_not_causal()));
  if (options.truncate > 0)
    throw SettingError(fmt::format("truncate: found {}, but {} needs whole sequences; expected 0",
                                   options.truncate, network.first_not_causal()));
}

/// From `from` to `to` by equal factors.
double annealed(double from, double to, double fraction) {
  if (from == to) return from;
  double ends[2] = {from, to}, value = 0;
  kernels::log(ends, ends, 2);
  value = ends[0] + fraction * (ends[1] - ends[0]);
  kernels::exp(&value, &value, 1);
  return value;
}

DecoupledFilter::Noise noise_at(const KalmanOptions& o, double fraction) {
  const double done = std::min(fraction / o.annealing, 1.0);
  return {annealed(o.measurement_noise, o.final_measurement_noise, done),
          annealed(o.process_noise, o.final_process_noise, done)};
}

/// What targets are compared with, of one step's outputs, in their place.
void squash(KalmanMeasured measured, std::span<double> y) {
  if (measured == KalmanMeasured::sigmoid) kernels::sigmoid(y.data(), y.data(), y.size());
  if (measured == KalmanMeasured::softmax) kernels::softmax(y.data(), y.data(), 1, y.size(), y.size());
}

/// Its derivatives: of p_j on each output.
void slopes(KalmanMeasured measured, std::span<const double> p, std::size_t j, std::span<double> out) {
  std::ranges::fill(out, 0.0);
  out[j] = 1;
  if (measured == KalmanMeasured::sigmoid) out[j] = p[j] * (1 - p[j]);
  if (measured == KalmanMeasured::softmax)
    for (std::size_t k = 0; k < p.size(); ++k) out[k] = p[j] * ((k == j ? 1.0 : 0.0) - p[k]);
}

/// The target of output j, NaN for none. target: values, or one class.
template <class T>
double target_of(std::span<const T> target, std::size_t outputs, std::size_t j) {
  if (target.size() == outputs) return static_cast<double>(target[j]);
  if (std::isnan(target[0])) return static_cast<double>(target[0]);
  return target[0] == static_cast<T>(j) ? 1 : 0;
}

template <class T>
void check_classes(const Sequences<T>& targets, std::size_t classes) {
  for (const T target : targets.values())
    if (!std::isnan(target) &&
        !(target >= 0 && target < static_cast<T>(classes) && target == std::floor(target)))
      throw Error(fmt::format("[kalman] expected classes 0 to {}, got {}", classes - 1, target));
}

}  // namespace

const std::vector<std::string>& kalman_update_names() {
  static const std::vector<std::string> names = {"step", "sequence"};
  return names;
}
const std::vector<std::string>& kalman_measured_names() {
  static const std::vector<std::string> names = {"outputs", "sigmoid", "softmax"};
  return names;
}

template <class T>
Kalman<T>::Kalman(KalmanTask<T> task, const KalmanOptions& options)
    : task_(std::move(task)),
      options_((carousel::check(options, task_.network), options)),
      filter_(weight_groups(task_.network, options.grouping), options.variance),
      trace_(task_.network.make_trace()),
      state_({0, task_.network.state_size()}),
      passing_({1, task_.network.state_size()}),
      dstate_({1, task_.network.state_size()}),
      gradient_(task_.network.weights().size()),
      change_(task_.network.weights().size()) {}

template <class T>
std::string Kalman<T>::method() const {
  return "kalman " + weight_grouping_names()[static_cast<std::size_t>(options_.grouping)];
}

template <class T>
void Kalman<T>::check(const Batch<T>& batch, std::size_t before) const {
  const Network<T>& network = task_.network;
  const std::size_t B = batch.x.layout().batch(), outputs = network.outputs();
  const std::size_t targets = batch.targets.features();
  if (batch.x.features() != network.inputs() || (targets != outputs && targets != 1))
    throw Error(
        fmt::format("[kalman] expected {} inputs and targets of {} values or one class, got {} and {}",
                    network.inputs(), outputs, batch.x.features(), targets));
  if (targets != outputs) check_classes(batch.targets, outputs);
  network.check_input(batch.x);
  std::vector<std::size_t> steps;
  for (const std::size_t length : batch.x.layout().lengths()) steps.push_back(network.output_length(length));
  if (batch.targets.layout().lengths() != steps)
    throw Error(fmt::format("[kalman] expected targets of {} steps, got {}", fmt::join(steps, ", "),
                            fmt::join(batch.targets.layout().lengths(), ", ")));
  if (!batch.carry.empty() && batch.carry.size() != B)
    throw Error(fmt::format("[kalman] expected {} carry flags, got {}", B, batch.carry.size()));
  for (std::size_t b = 0; b < batch.carry.size(); ++b)
    if (batch.carry[b] != 0 && (!network.causal() || b >= before))
      throw Error(fmt::format("[kalman] sequence {} goes on from a batch of {}{}", b, before,
                              network.causal() ? "" : ", by a network that needs whole sequences"));
}

/// The states that a batch's sequences begin with, given the last ones of the batch before.
template <class T>
Tensor<T> Kalman<T>::first_states(const Batch<T>& batch, const Tensor<T>& before) const {
  Tensor<T> state = task_.network.start(batch.x.layout().batch());
  for (std::size_t b = 0; b < batch.carry.size(); ++b)
    if (batch.carry[b] != 0) std::ranges::copy(before.matrix().row_span(b), state.matrix().row(b));
  return state;
}

template <class T>
LearningStep Kalman<T>::step(const LearningPlace& place) {
  const Batch<T> batch = task_.training.get(place.epoch, place.step);
  const std::size_t B = batch.x.layout().batch();
  check(batch, state_.shape()[0]);
  state_ = first_states(batch, state_);
  begins_.assign(B, 0);
  at_start_.assign(B, 1);
  for (std::size_t b = 0; b < batch.carry.size(); ++b) at_start_[b] = batch.carry[b] == 0 ? 1 : 0;
  update_number_ = place.update;
  const DecoupledFilter::Noise noise = noise_at(options_, place.fraction);
  LearningStep came;
  came.sequences = B;
  if (options_.update == KalmanUpdate::step)
    learn_by_steps(batch, noise, came);
  else
    learn_whole(batch, noise, came);
  if (task_.network.causal())
    for (std::size_t b = 0; b < B; ++b) advance(batch, b, batch.x.layout().length(b));
  return came;
}

template <class T>
void Kalman<T>::learn_by_steps(const Batch<T>& batch, const DecoupledFilter::Noise& noise,
                               LearningStep& came) {
  const SequenceLayout& layout = batch.x.layout();
  for (std::size_t t = 0; t < layout.time(); ++t) {
    for (std::size_t b = 0; b < layout.batch(); ++b)
      if (t < layout.length(b)) look_back(batch, b, t);
    update(noise, came);
  }
}

template <class T>
void Kalman<T>::learn_whole(const Batch<T>& batch, const DecoupledFilter::Noise& noise, LearningStep& came) {
  for (std::size_t b = 0; b < batch.x.layout().batch(); ++b) {
    const std::size_t length = batch.x.layout().length(b);
    if (options_.truncate == 0) {
      if (length > 0) measure(batch, {b, 0, length}, 0);
    } else {
      for (std::size_t t = 0; t < length; ++t) look_back(batch, b, t);
    }
  }
  update(noise, came);
}

template <class T>
void Kalman<T>::look_back(const Batch<T>& batch, std::size_t b, std::size_t t) {
  const std::size_t h = options_.truncate;
  if (h > 0 && t >= h) advance(batch, b, t + 1 - h);
  measure(batch, {b, begins_[b], t + 1}, t);
}

template <class T>
void Kalman<T>::run(const Batch<T>& batch, const Stretch& stretch, const Pass& pass) {
  x_ = Sequences<T>({stretch.end - stretch.begin}, batch.x.features());
  for (std::size_t t = stretch.begin; t < stretch.end; ++t)
    std::ranges::copy(batch.x.at(stretch.sequence, t), x_.at(0, t - stretch.begin).begin());
  if (at_start_[stretch.sequence] != 0)
    task_.network.start(passing_.matrix());
  else
    std::ranges::copy(std::as_const(state_).matrix().row_span(stretch.sequence), passing_.data());
  task_.network.forward(pass, x_, passing_.matrix(), y_, *trace_);
}

template <class T>
void Kalman<T>::advance(const Batch<T>& batch, std::size_t b, std::size_t end) {
  if (end <= begins_[b]) return;
  run(batch, {b, begins_[b], end}, {.pool = &task_.pool, .first_step = begins_[b]});
  std::ranges::copy(std::as_const(passing_).span(), state_.matrix().row(b));
  begins_[b] = end;
  at_start_[b] = 0;
}

template <class T>
void Kalman<T>::measure(const Batch<T>& batch, const Stretch& stretch, std::size_t first) {
  const std::size_t b = stretch.sequence, outputs = task_.network.outputs();
  const auto has_target = [&](std::size_t t) {
    return std::ranges::any_of(batch.targets.at(b, t), [](T target) { return !std::isnan(target); });
  };
  const std::size_t steps = batch.targets.layout().length(b);
  const std::size_t last = task_.network.causal() ? stretch.end : steps;
  bool any = false;
  for (std::size_t t = first; t < last; ++t) any = any || has_target(t);
  if (!any) return;
  const Pass pass = {.pool = &task_.pool,
                     .training = true,
                     .first_step = stretch.begin,
                     .seed = options_.seed,
                     .update = update_number_};
  run(batch, stretch, pass);
  std::vector<double> p(outputs), seed(outputs);
  for (std::size_t t = first; t < last; ++t) {
    if (!has_target(t)) continue;
    const std::span<const T> y = std::as_const(y_).at(0, t - stretch.begin);
    std::ranges::copy(y, p.begin());
    squash(options_.measured, p);
    for (std::size_t j = 0; j < outputs; ++j) {
      const double target = target_of(batch.targets.at(b, t), outputs, j);
      if (std::isnan(target)) continue;
      slopes(options_.measured, p, j, seed);
      differentiate(pass, t - stretch.begin, at_start_[b] != 0, seed);
      error_.push_back(target - p[j]);
    }
  }
}

template <class T>
void Kalman<T>::differentiate(const Pass& pass, std::size_t t, bool from_start,
                              std::span<const double> seed) {
  const std::size_t row = error_.size(), N = gradient_.size();
  if (row == kMostMeasured)
    throw SettingError(
        fmt::format("update: found {}, with more than {} targets at once; expected step, or smaller batches",
                    kalman_update_names()[static_cast<std::size_t>(options_.update)], kMostMeasured));
  dy_.reshape(y_.layout_pointer(), y_.features());
  dy_.fill(T(0));
  std::ranges::transform(seed, dy_.at(0, t).begin(), [](double s) { return static_cast<T>(s); });
  dstate_.fill(T(0));
  std::ranges::fill(gradient_, T(0));
  task_.network.backward(pass, x_, y_, dy_, dstate_.matrix(), nullptr, gradient_, *trace_);
  if (from_start) task_.network.start_gradient(std::as_const(dstate_).matrix(), gradient_);
  derivatives_.resize((row + 1) * N);
  std::ranges::copy(gradient_, derivatives_.begin() + static_cast<std::ptrdiff_t>(row * N));
}

template <class T>
void Kalman<T>::update(const DecoupledFilter::Noise& noise, LearningStep& came) {
  const std::size_t m = error_.size();
  if (m == 0) return;
  for (const double error : error_) came.loss += error * error;
  came.count += m;
  if (!std::isfinite(came.loss))
    throw TrainingError("an output is no longer a number; try more measurement_noise");
  filter_.update(task_.pool, {derivatives_.data(), m, gradient_.size()}, error_, noise, change_);
  if (!std::ranges::all_of(change_, [](double change) { return std::isfinite(change); }))
    throw TrainingError("a weight is no longer a number; try more measurement_noise");
  task_.network.update_weights([&](std::span<T> weights) {
    for (std::size_t k = 0; k < weights.size(); ++k)
      weights[k] = static_cast<T>(static_cast<double>(weights[k]) + change_[k]);
  });
  error_.clear();
}

template <class T>
double Kalman<T>::validate() {
  if (task_.validation == nullptr) return ProgressRecord::kNotMeasured;
  const Network<T>& network = task_.network;
  const std::size_t outputs = network.outputs();
  double sum = 0;
  std::size_t count = 0;
  Tensor<T> state({0, network.state_size()});
  std::vector<double> p(outputs);
  for (std::size_t index = 0; index < task_.validation->batches(0); ++index) {
    const Batch<T> batch = task_.validation->get(0, index);
    check(batch, state.shape()[0]);
    state = first_states(batch, state);
    network.forward({.pool = &task_.pool}, batch.x, state.matrix(), y_, *trace_);
    for (std::size_t r = 0; r < y_.rows(); ++r) {
      std::ranges::copy(std::as_const(y_).matrix().row_span(r), p.begin());
      squash(options_.measured, p);
      for (std::size_t j = 0; j < outputs; ++j) {
        const double error = target_of(batch.targets.matrix().row_span(r), outputs, j) - p[j];
        if (!std::isnan(error)) sum += error * error, ++count;
      }
    }
  }
  if (count == 0) throw DataError("there is no target to validate on");
  return sum / static_cast<double>(count);
}

template <class T>
void Kalman<T>::put(Checkpoint<T>& checkpoint) {
  const std::span<const T> weights = task_.network.weights();
  checkpoint.vectors["weights"].assign(weights.begin(), weights.end());
  checkpoint.vectors["state"].assign(state_.span().begin(), state_.span().end());
  const std::span<const double> covariances = std::as_const(filter_).covariances();
  checkpoint.series["kalman.covariances"].assign(covariances.begin(), covariances.end());
}

template <class T>
void Kalman<T>::take(const Checkpoint<T>& checkpoint) {
  const std::size_t S = task_.network.state_size();
  const AlignedVector<T>& weights = checkpoint.vector("weights", task_.network.weights().size());
  const std::vector<double>& covariances =
      checkpoint.doubles("kalman.covariances", filter_.covariances().size());
  const auto states = checkpoint.vectors.find("state");
  if (states == checkpoint.vectors.end() ||
      (S == 0 ? !states->second.empty() : states->second.size() % S != 0))
    throw ModelError(
        fmt::format("the checkpoint belongs to another network: expected states of {} values", S));
  task_.network.set_weights(weights);
  std::ranges::copy(covariances, filter_.covariances().begin());
  state_ = Tensor<T>({S == 0 ? 0 : states->second.size() / S, S});
  std::ranges::copy(states->second, state_.data());
}

template class Kalman<float>;
template class Kalman<double>;

}  // namespace carousel
