#include "tasks/method_settings.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "tasks/batch_objective.h"
#include "tasks/setting_checks.h"
#include "training/evolution/evolution_strategy.h"

namespace carousel {

namespace {

constexpr std::array<std::string_view, 8> kMethods = {
    "bptt", "online_1997", "lstm_g", "kalman", "evolution_strategy", "cma_es", "xnes", "genetic"};
constexpr std::array<std::string_view, 2> kUpdates = {"step", "sequence"};
constexpr std::array<std::string_view, 3> kGroupings = {"unit", "layer", "all"};
constexpr std::size_t kMembers = 64;

KalmanMeasured measured_by(const std::string& loss) {
  if (loss == "mse") return KalmanMeasured::outputs;
  if (loss == "bernoulli") return KalmanMeasured::sigmoid;
  if (loss == "cross_entropy") return KalmanMeasured::softmax;
  throw SettingError(
      fmt::format("method: kalman measures values, notes or classes, and has no {} loss; expected mse, "
                  "bernoulli or cross_entropy",
                  loss));
}

std::unique_ptr<Learner<float>> make_search(const MethodSettings& method, const MethodTask& task,
                                            const OptimizerOptions& optimizer,
                                            const ScheduleOptions& schedule, std::uint64_t seed) {
  const std::span<const float> weights = task.network.weights();
  EvolutionTask<float> evolution{.weights = {weights.begin(), weights.end()},
                                 .make_objective =
                                     [task, reading = std::make_shared<std::mutex>()] {
                                       return std::make_unique<BatchObjective>(task, reading);
                                     },
                                 .pool = task.pool};
  std::size_t members = method.members;
  if (members == 0 && (method.name == Method::evolution_strategy || method.name == Method::genetic))
    members = kMembers;
  if (method.name == Method::evolution_strategy)
    return std::make_unique<EvolutionStrategy<float>>(
        std::move(evolution), EvolutionStrategyOptions{.members = members,
                                                       .deviation = method.deviation,
                                                       .weight_decay = optimizer.weight_decay,
                                                       .optimizer = optimizer,
                                                       .schedule = schedule,
                                                       .seed = seed});
  return make_pagmo_search(evolution, {.method = std::string(name(method.name)),
                                       .members = members,
                                       .deviation = method.deviation,
                                       .bound = method.bound,
                                       .genetic = method.genetic,
                                       .seed = seed});
}

}  // namespace

std::string_view name(Method method) noexcept { return kMethods[static_cast<std::size_t>(method)]; }
Method parse_method(std::string_view name) { return parse_name<Method>("method", kMethods, name); }
bool is_evolution(Method method) noexcept { return method >= Method::evolution_strategy; }
std::string_view name(OnlineUpdate update) noexcept { return kUpdates[static_cast<std::size_t>(update)]; }
OnlineUpdate parse_online_update(std::string_view name) {
  return parse_name<OnlineUpdate>("update", kUpdates, name);
}
std::string_view name(KalmanUpdate update) noexcept { return kUpdates[static_cast<std::size_t>(update)]; }
KalmanUpdate parse_kalman_update(std::string_view name) {
  return parse_name<KalmanUpdate>("update", kUpdates, name);
}
std::string_view name(WeightGrouping grouping) noexcept {
  return kGroupings[static_cast<std::size_t>(grouping)];
}
WeightGrouping parse_weight_grouping(std::string_view name) {
  return parse_name<WeightGrouping>("grouping", kGroupings, name);
}

std::unique_ptr<Learner<float>> make_method_learner(const MethodSettings& method, const MethodTask& task,
                                                    const OptimizerOptions& optimizer,
                                                    const ScheduleOptions& schedule, std::uint64_t seed) {
  if (is_evolution(method.name)) return make_search(method, task, optimizer, schedule, seed);
  if (method.name == Method::kalman) {
    KalmanOptions options = method.kalman;
    options.measured = measured_by(task.loss.name());
    options.seed = seed;
    return std::make_unique<Kalman<float>>(
        KalmanTask<float>{task.network, task.training, task.validation, task.pool}, options);
  }
  return std::make_unique<OnlineLearner<float>>(
      OnlineTask<float>{task.network, task.loss, task.training, task.validation, task.pool},
      OnlineOptions{.rule = std::string(name(method.name)), .update = method.update, .schedule = schedule});
}

}  // namespace carousel
