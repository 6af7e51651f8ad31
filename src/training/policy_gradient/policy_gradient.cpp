#include "training/policy_gradient/policy_gradient.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/random.h"
#include "training/actor.h"
#include "training/update_rule.h"

namespace carousel {

namespace {

constexpr std::size_t kMostRows = 1024, kMostSteps = std::size_t{1} << 24, kMostCount = std::size_t{1} << 20;
constexpr std::uint64_t kStream = std::uint64_t{0xA7} << 56;  // of random numbers, for minibatches

void require(const char* name, std::size_t value, std::size_t least, std::size_t most) {
  if (value < least || value > most)
    throw SettingError(fmt::format("{}: found {}, expected from {} to {}", name, value, least, most));
}

void require(const char* name, double value, double most = std::numeric_limits<double>::max()) {
  if (value >= 0 && value <= most) return;
  throw SettingError(most == 1 ? fmt::format("{}: found {}, expected from 0 to 1", name, value)
                               : fmt::format("{}: found {}, expected a number of at least 0", name, value));
}

/// As the algorithm has them. Throws SettingError for options out of range.
PolicyGradientOptions settled(PolicyGradientOptions o) {
  const bool ppo = o.algorithm == "ppo", reinforce = o.algorithm == "reinforce";
  if (!ppo && !reinforce && o.algorithm != "a2c")
    throw SettingError(fmt::format("algorithm: found \"{}\", expected reinforce, a2c or ppo", o.algorithm));
  if (reinforce) o.steps = 0, o.lambda = 1;
  if (!ppo) o.passes = o.minibatches = 1, o.normalise_advantages = false, o.loss.clip = 0;
  require("rows", o.rows, 1, kMostRows);
  require("steps", o.steps, 0, kMostSteps);
  require("passes", o.passes, 1, kMostCount);
  require("minibatches", o.minibatches, 1, o.rows);
  require("rollouts", o.rollouts, 1, kMostCount);
  require("evaluation_episodes", o.evaluation_episodes, 0, kMostCount);
  require("discount", o.discount, 1);
  require("lambda", o.lambda, 1);
  require("value_weight", o.loss.value_weight);
  require("entropy_weight", o.loss.entropy_weight);
  require("clip", o.loss.clip, 1);
  if (ppo && o.loss.clip == 0) throw SettingError("clip: found 0, expected a number above 0");
  require("deviation", o.deviation);
  require("clip_norm", o.clip_norm);
  return o;
}

/// Its policy, if the network fits it.
template <class T>
std::unique_ptr<Policy<T>> policy_for(const PolicyGradientTask<T>& task, double deviation) {
  const auto environment = task.make_environment();
  const Network<T>& network = task.network;
  const std::size_t outputs = policy_outputs(*environment, deviation);
  if (network.inputs() != environment->observations() || network.outputs() != outputs)
    throw SettingError(
        fmt::format("network: found {} inputs and {} outputs, expected {} and {}, the last one for the value",
                    network.inputs(), network.outputs(), environment->observations(), outputs));
  if (!network.causal())
    throw SettingError(fmt::format("network: {} looks at steps to come, and who acts has not seen them",
                                   network.first_not_causal()));
  if (network.perturbed())
    throw SettingError("network: drop_connect and weight_noise would change what acts were drawn with");
  return make_policy<T>(environment->action_kind(), environment->actions(), deviation);
}

}  // namespace

std::size_t policy_outputs(const Environment& environment, double deviation) {
  return make_policy<float>(environment.action_kind(), environment.actions(), deviation)->outputs() + 1;
}

template <class T>
PolicyGradient<T>::PolicyGradient(PolicyGradientTask<T> task, const PolicyGradientOptions& options)
    : task_(std::move(task)),
      options_(settled(options)),
      policy_(policy_for(task_, options.deviation)),
      actors_(task_.network, *policy_, task_.make_environment, options.rows, options.seed, task_.pool),
      optimizer_(make_optimizer<T>(options.optimizer, task_.network.weights().size(),
                                   task_.network.parameters().all())),
      schedule_(make_schedule(options.schedule)),
      loss_(task_.network, *policy_),
      judgements_(options.rows),
      gradient_(task_.network.weights().size()) {}

template <class T>
LearningStep PolicyGradient<T>::step(const LearningPlace& place) {
  const std::vector<Rollout<T>>& rollouts = actors_.play(options_.steps);
  judge(rollouts);
  LearningStep came;
  for (const Rollout<T>& rollout : rollouts) {
    came.sequences += rollout.returns.size();
    for (const double episode : rollout.returns) came.loss -= episode;
  }
  came.count = came.sequences;
  came.learning_rate = schedule_->rate({place.epoch, place.update, place.fraction});
  std::vector<std::size_t> rows(options_.rows);
  double norms = 0;
  for (std::size_t pass = 0; pass < options_.passes; ++pass) {
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    if (options_.minibatches > 1)
      Random(options_.seed, kStream | (place.update * options_.passes + pass)).shuffle(rows);
    for (std::size_t m = 0; m < options_.minibatches; ++m) {
      const std::size_t begin = rows.size() * m / options_.minibatches;
      const std::size_t end = rows.size() * (m + 1) / options_.minibatches;
      std::ranges::sort(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                        rows.begin() + static_cast<std::ptrdiff_t>(end));
      norms += update(place, rollouts, std::span(rows).subspan(begin, end - begin), came.learning_rate);
    }
  }
  came.gradient_norm = norms / static_cast<double>(options_.passes * options_.minibatches);
  return came;
}

template <class T>
void PolicyGradient<T>::judge(const std::vector<Rollout<T>>& rollouts) {
  for (std::size_t row = 0; row < rollouts.size(); ++row)
    judge_rollout(rollouts[row], *policy_, options_.discount, options_.lambda, judgements_[row]);
  if (options_.normalise_advantages) normalise_advantages();
}

template <class T>
void PolicyGradient<T>::normalise_advantages() {
  double sum = 0, squares = 0, count = 0;
  for (const Judgement<T>& judgement : judgements_)
    for (const T a : judgement.advantages) sum += static_cast<double>(a), ++count;
  const double mean = sum / count;
  for (const Judgement<T>& judgement : judgements_)
    for (const T a : judgement.advantages)
      squares += (static_cast<double>(a) - mean) * (static_cast<double>(a) - mean);
  const double scale = 1 / (std::sqrt(squares / count) + 1e-8);
  for (Judgement<T>& judgement : judgements_)
    for (T& a : judgement.advantages) a = static_cast<T>((static_cast<double>(a) - mean) * scale);
}

template <class T>
double PolicyGradient<T>::update(const LearningPlace& place, const std::vector<Rollout<T>>& rollouts,
                                 std::span<const std::size_t> rows, double rate) {
  batch_.assemble(task_.network, rollouts, judgements_, rows);
  Pass pass;
  pass.pool = &task_.pool;
  pass.training = true;
  pass.seed = options_.seed;
  pass.update = place.update;
  // The return of an episode is a sum over its steps; a rollout cut anywhere has no whole episodes to count.
  const std::size_t divisor = options_.algorithm == "reinforce" ? rows.size() : batch_.steps();
  loss_.gradient(pass, batch_, options_.loss, static_cast<double>(divisor), gradient_);
  const double norm = clip_by_norm<T>(gradient_, options_.clip_norm);
  if (!std::isfinite(norm))
    throw TrainingError(
        fmt::format("the norm of the gradient is {}; a lower learning_rate or clip_norm may help", norm));
  task_.network.update_weights([&](std::span<T> weights) { optimizer_->step(weights, gradient_, rate); });
  return norm;
}

template <class T>
double PolicyGradient<T>::validate() {
  const std::size_t episodes = options_.evaluation_episodes;
  if (episodes == 0) return ProgressRecord::kNotMeasured;
  std::vector<double> returns(episodes);
  std::atomic<std::size_t> next = 0;
  task_.pool.run(std::min(task_.pool.threads(), episodes), [&](std::size_t) {
    const auto environment = task_.make_environment();
    Actor<T> actor(task_.network, *environment);
    for (std::size_t i = next++; i < episodes; i = next++)
      returns[i] = play_episode(*environment, i, actor).sum;
  });
  return -std::accumulate(returns.begin(), returns.end(), 0.0) / static_cast<double>(episodes);
}

template <class T>
void PolicyGradient<T>::put(Checkpoint<T>& checkpoint) {
  const std::span<const T> weights = task_.network.weights();
  checkpoint.vectors["weights"].assign(weights.begin(), weights.end());
  put_update_rule(checkpoint, *optimizer_, *schedule_);
  actors_.put(checkpoint);
}

template <class T>
void PolicyGradient<T>::take(const Checkpoint<T>& checkpoint) {
  const AlignedVector<T>& weights = checkpoint.vector("weights", task_.network.weights().size());
  auto optimizer = make_optimizer<T>(options_.optimizer, weights.size(), task_.network.parameters().all());
  auto schedule = make_schedule(options_.schedule);
  take_update_rule(checkpoint, *optimizer, *schedule);
  actors_.take(checkpoint);
  optimizer_ = std::move(optimizer);
  schedule_ = std::move(schedule);
  task_.network.set_weights(weights);
}

template class PolicyGradient<float>;
template class PolicyGradient<double>;

}  // namespace carousel
