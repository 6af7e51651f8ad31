#include "training/online/online_learner.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "training/batch_runner.h"
#include "training/online/local_online_rule.h"
#include "training/online/truncated_rule.h"
#include "training/update_rule.h"

namespace carousel {

namespace {

constexpr const char* kMemory = "online.";

}  // namespace

template <class T>
std::unique_ptr<OnlineRule<T>> make_online_rule(const std::string& name, const Network<T>& network) {
  if (name == "online_1997") return std::make_unique<TruncatedRule<T>>(network);
  if (name == "lstm_g") return std::make_unique<LocalOnlineRule<T>>(network);
  throw SettingError(fmt::format("rule: found \"{}\", expected online_1997 or lstm_g", name));
}

template <class T>
OnlineLearner<T>::OnlineLearner(OnlineTask<T> task, const OnlineOptions& options)
    : task_(std::move(task)),
      options_(options),
      rule_(make_online_rule<T>(options.rule, task_.network)),
      schedule_(make_schedule(options.schedule)),
      dy_(rule_->outputs(), T(0)) {
  if (task_.loss.whole_sequences())
    throw SettingError(
        fmt::format("loss: found {}, which is of whole sequences; {} learns from single steps: "
                    "expected mse, cross_entropy, bernoulli or another of these",
                    task_.loss.name(), options.rule));
}

template <class T>
void OnlineLearner<T>::check(const Batch<T>& batch) const {
  task_.loss.check_lengths(batch.x.layout().lengths(), batch.targets.layout().lengths());
  const std::size_t outputs = task_.loss.outputs_for(batch.targets.features());
  if (batch.x.features() != rule_->inputs() || outputs != rule_->outputs())
    throw Error(fmt::format("[train] expected {} inputs and targets for {} outputs, got {} and {}",
                            rule_->inputs(), rule_->outputs(), batch.x.features(), outputs));
  const std::size_t sequences = batch.x.layout().batch();
  if (!batch.carry.empty() && batch.carry.size() != sequences)
    throw Error(fmt::format("[train] expected {} carry flags, got {}", sequences, batch.carry.size()));
  if (sequences > 1 && std::ranges::any_of(batch.carry, [](std::uint8_t flag) { return flag != 0; }))
    throw SettingError(
        fmt::format("{} remembers one sequence: one that goes on from the batch before must be "
                    "alone in its batch, found {} in it",
                    options_.rule, sequences));
}

template <class T>
LearningStep OnlineLearner<T>::step(const LearningPlace& place) {
  const Batch<T> batch = task_.training.get(place.epoch, place.step);
  check(batch);
  LearningStep came;
  came.learning_rate = schedule_->rate({place.epoch, place.update, place.fraction});
  came.sequences = batch.x.layout().batch();
  LossValue loss;
  for (std::size_t b = 0; b < came.sequences; ++b) {
    if (batch.carry.empty() || batch.carry[b] == 0) rule_->restart();
    loss += learn(batch, b, static_cast<T>(came.learning_rate));
  }
  came.loss = loss.sum, came.count = loss.count;
  hand_over();
  return came;
}

template <class T>
LossValue OnlineLearner<T>::learn(const Batch<T>& batch, std::size_t sequence, T rate) {
  LossValue loss;
  for (std::size_t t = 0; t < batch.x.layout().length(sequence); ++t) {
    const std::span<const T> y = rule_->step(batch.x.at(sequence, t)), target = batch.targets.at(sequence, t);
    if (std::ranges::all_of(target, [](T value) { return std::isnan(value); })) continue;
    const LossValue one = task_.loss.evaluate({y.data(), 1, y.size()}, {target.data(), 1, target.size()},
                                              {dy_.data(), 1, dy_.size()});
    for (T& d : dy_) d *= static_cast<T>(one.count);
    loss += one;
    if (options_.update == OnlineUpdate::step)
      rule_->learn(dy_, rate);
    else
      rule_->collect(dy_);
  }
  if (options_.update == OnlineUpdate::sequence) rule_->learn_collected(rate);
  return loss;
}

template <class T>
void OnlineLearner<T>::hand_over() {
  task_.network.update_weights([&](std::span<T> weights) {
    rule_->get_weights(weights);
    if (!std::ranges::all_of(weights, [](T weight) { return std::isfinite(weight); }))
      throw TrainingError("a weight is no longer a number; try a smaller learning_rate");
  });
}

template <class T>
double OnlineLearner<T>::validate() {
  if (task_.validation == nullptr) return ProgressRecord::kNotMeasured;
  return evaluate_loss(task_.network, task_.loss, *task_.validation, task_.pool).mean();
}

template <class T>
void OnlineLearner<T>::put(Checkpoint<T>& checkpoint) {
  const std::span<const T> weights = task_.network.weights();
  checkpoint.vectors["weights"].assign(weights.begin(), weights.end());
  for (const NamedSpan<T>& part : rule_->memory())
    checkpoint.vectors[kMemory + part.name].assign(part.values.begin(), part.values.end());
  put_schedule(checkpoint, *schedule_);
}

template <class T>
void OnlineLearner<T>::take(const Checkpoint<T>& checkpoint) {
  const AlignedVector<T>& weights = checkpoint.vector("weights", task_.network.weights().size());
  for (const NamedSpan<T>& part : rule_->memory()) checkpoint.vector(kMemory + part.name, part.values.size());
  take_schedule(checkpoint, *schedule_);
  for (const NamedSpan<T>& part : rule_->memory())
    std::ranges::copy(checkpoint.vector(kMemory + part.name, part.values.size()), part.values.begin());
  rule_->set_weights(weights);
  hand_over();
}

template std::unique_ptr<OnlineRule<float>> make_online_rule(const std::string&, const Network<float>&);
template std::unique_ptr<OnlineRule<double>> make_online_rule(const std::string&, const Network<double>&);
template class OnlineLearner<float>;
template class OnlineLearner<double>;

}  // namespace carousel
