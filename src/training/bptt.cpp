#include "training/bptt.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "training/update_rule.h"

namespace carousel {

namespace {

/// The first parameter whose values hold NaN or Inf, and which of them; "" if none does.
template <class T>
std::string first_non_finite(const ParameterTable& table, std::span<const T> values) {
  for (const Parameter& parameter : table.all())
    for (const T v : values.subspan(parameter.offset, parameter.shape.size()))
      if (!std::isfinite(v)) return fmt::format("{} is {}", parameter.name, v);
  return "";
}

void check_options(const BpttOptions& options) {
  if (!(options.clip_norm >= 0) || !std::isfinite(options.clip_norm))
    throw SettingError(fmt::format("clip_norm must be a number of at least 0, got {}", options.clip_norm));
  if (!(options.sampling >= 0 && options.sampling <= 1))
    throw SettingError(fmt::format("sampling must be a probability from 0 to 1, got {}", options.sampling));
  if (options.tbptt_back > 0 && (options.tbptt == 0 || options.tbptt_back % options.tbptt != 0))
    throw SettingError(fmt::format("tbptt_back: found {}, expected a multiple of tbptt, which is {}, or 0",
                                   options.tbptt_back, options.tbptt));
}

}  // namespace

template <class T>
Bptt<T>::Bptt(const BpttTask<T>& task, const BpttOptions& options)
    : task_(task),
      options_(options),
      model_(task.model.weighted()),
      optimizer_(make_optimizer<T>(options.optimizer, model_.weights().size(), model_.parameters().all())),
      schedule_(make_schedule(options.schedule)),
      average_(options.average, model_.weights().size()),
      runner_(task.model.make_runner(task.loss, options.recompute)),
      validation_runner_(task.validation != nullptr ? task.model.make_runner(task.loss, false) : nullptr),
      gradient_(model_.weights().size()) {
  check_options(options);
  runner_->check(options);
}

template <class T>
std::size_t Bptt<T>::steps(std::size_t epoch) const {
  const std::size_t batches = task_.training.batches(epoch);
  if (batches == 0) throw DataError(fmt::format("epoch {} has no batches to learn from", epoch + 1));
  return batches;
}

template <class T>
LearningStep Bptt<T>::step(const LearningPlace& place) {
  place_ = place;
  const Batch<T> data = task_.training.get(place.epoch, place.step);
  LearningStep came = learn_batch(data);
  came.gradient_norm = came.updates > 0 ? came.gradient_norm / static_cast<double>(came.updates)
                                        : ProgressRecord::kNotMeasured;
  came.sequences = data.x.layout().batch();
  came.learning_rate = learning_rate_;
  return came;
}

template <class T>
LearningStep Bptt<T>::learn_batch(const Batch<T>& data) {
  LearningStep came{.updates = 0, .gradient_norm = 0};
  runner_->begin(data);
  const std::size_t steps = data.x.layout().time();
  if (options_.tbptt == 0 || steps <= options_.tbptt) {
    learn_chunk(data.x, data.targets, came);
    return came;
  }
  const std::size_t chunks =
      options_.tbptt_back > 0 ? options_.tbptt_back / options_.tbptt : 1;  // of a window
  std::deque<typename BatchRunner<T>::Place> places;                       // before each chunk of the window
  for (std::size_t begin = 0; begin < steps; begin += std::min(options_.tbptt, steps - begin)) {
    const std::size_t end = begin + std::min(options_.tbptt, steps - begin);
    if (chunks == 1) {
      learn_chunk(slice_time(data.x, begin, end), slice_time(data.targets, begin, end), came);
      continue;
    }
    places.push_back(runner_->place());
    if (places.size() > chunks) places.pop_front();
    runner_->go_to(places.front());
    const std::size_t first = begin - (places.size() - 1) * options_.tbptt;
    Sequences<T> targets = slice_time(data.targets, first, end);
    for (std::size_t t = 0; t < begin - first; ++t)  // they had their update
      for (std::size_t r = 0; r < targets.step(t).rows(); ++r)
        std::ranges::fill(targets.step(t).row_span(r), std::numeric_limits<T>::quiet_NaN());
    learn_chunk(slice_time(data.x, first, end), targets, came);
  }
  return came;
}

template <class T>
void Bptt<T>::learn_chunk(const Sequences<T>& x, const Sequences<T>& targets, LearningStep& came) {
  Pass pass;
  pass.pool = &task_.pool;
  pass.training = true;
  pass.truncate = options_.truncate;
  pass.seed = options_.seed;
  pass.update = place_.update;
  const bool perturbed = model_.perturbed();
  if (perturbed) model_.perturb(task_.pool, options_.seed, place_.update);
  const LossValue loss = runner_->forward(pass, x, targets, options_.sampling * place_.fraction);
  if (!std::isfinite(loss.sum))
    stop(fmt::format("the loss is {}; it begins in {}", loss.sum, runner_->first_non_finite(x, targets)));
  epoch_loss_ += loss;
  came.loss += loss.sum, came.count += loss.count;
  if (loss.count == 0) {  // nothing to learn from: momentum must not move the weights either
    if (perturbed) model_.pack(model_.packing());
    return;
  }
  runner_->backward(pass, x, gradient_);
  if (perturbed) model_.unperturb_gradient(task_.pool, options_.seed, place_.update, gradient_);
  came.gradient_norm += change_weights();
  ++came.updates, ++place_.update;
}

/// Returns the norm that the gradient had before it was clipped.
template <class T>
double Bptt<T>::change_weights() {
  const double norm = clip_by_norm<T>(gradient_, options_.clip_norm);
  if (!std::isfinite(norm)) {
    const std::string where = first_non_finite<T>(model_.parameters(), gradient_);
    stop(where.empty() ? fmt::format("the norm of the gradient is {}", norm)
                       : fmt::format("the gradient of {}", where));
  }
  learning_rate_ = schedule_->rate({place_.epoch, place_.update, place_.fraction});
  model_.update_weights([&](std::span<T> weights) { optimizer_->step(weights, gradient_, learning_rate_); });
  average_.add(model_.weights());
  return norm;
}

template <class T>
double Bptt<T>::validate() {
  if (epoch_loss_.count == 0)
    throw DataError(fmt::format("epoch {}: there is no target to learn from: {}", place_.epoch + 1,
                                why_none_counts(epoch_loss_)));
  require_finite_weights();
  if (task_.validation == nullptr) return ProgressRecord::kNotMeasured;
  if (!average_.has()) return validation_loss();
  const AlignedVector<T> learned(model_.weights().begin(), model_.weights().end());
  model_.set_weights(average_.mean());
  const double loss = validation_loss();
  model_.set_weights(learned);
  return loss;
}

template <class T>
double Bptt<T>::validation_loss() {
  return evaluate_loss<T>(*validation_runner_, *task_.validation, task_.pool).mean();
}

template <class T>
void Bptt<T>::epoch_done(double loss) {
  schedule_->epoch_done(loss);
  epoch_loss_ = {};
}

template <class T>
void Bptt<T>::put(Checkpoint<T>& checkpoint) {
  require_finite_weights();
  checkpoint.vectors["weights"].assign(model_.weights().begin(), model_.weights().end());
  checkpoint.vectors["state"].assign(runner_->state().span().begin(), runner_->state().span().end());
  checkpoint.numbers["targets"] = static_cast<double>(epoch_loss_.count);
  checkpoint.numbers["left_out"] = static_cast<double>(epoch_loss_.left_out);
  checkpoint.numbers["learning_rate"] = learning_rate_;
  put_update_rule(checkpoint, *optimizer_, *schedule_);
  average_.put(checkpoint);
}

template <class T>
void Bptt<T>::take(const Checkpoint<T>& checkpoint) {
  const AlignedVector<T>& weights = checkpoint.vector("weights", model_.weights().size());
  const std::size_t S = runner_->state_size();
  const auto states = checkpoint.vectors.find("state");
  if (states == checkpoint.vectors.end() ||
      (S == 0 ? !states->second.empty() : states->second.size() % S != 0))
    throw ModelError(
        fmt::format("the checkpoint belongs to another network: expected states of {} values", S));
  const std::size_t targets = checkpoint.count("targets"), left_out = checkpoint.count("left_out");
  const double rate = checkpoint.number("learning_rate");
  WeightAverage<T> average = average_;
  average.take(checkpoint);
  take_update_rule(checkpoint, *optimizer_, *schedule_);
  average_ = std::move(average);
  Tensor<T> state({S == 0 ? 0 : states->second.size() / S, S});
  std::ranges::copy(states->second, state.data());
  runner_->set_state(std::move(state));
  epoch_loss_ = {.count = targets, .left_out = left_out};
  learning_rate_ = rate;
  model_.set_weights(weights);
}

template <class T>
void Bptt<T>::stop(const std::string& what) const {
  throw TrainingError(
      fmt::format("batch {}: {}; a lower learning_rate or clip_norm may help", place_.step + 1, what));
}

template <class T>
void Bptt<T>::require_finite_weights() const {
  for (const std::span<const T> values : {std::span<const T>(model_.weights()), weights()}) {
    const std::string where = first_non_finite<T>(model_.parameters(), values);
    if (!where.empty()) stop("after its update " + where);
  }
}

template class Bptt<float>;
template class Bptt<double>;

}  // namespace carousel
