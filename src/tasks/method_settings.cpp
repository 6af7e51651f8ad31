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
#include "training/evolino/linear_readout.h"
#include "training/evolution/evolution_strategy.h"
#include "training/evolution/objective.h"

namespace carousel {

namespace {

constexpr std::array<std::string_view, 9> kMethods = {
    "bptt", "online_1997", "lstm_g", "kalman", "evolino", "evolution_strategy", "cma_es", "xnes", "genetic"};
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

/// All examples of an epoch side by side.
Stretch<float> all_of(const BatchSource<float>& source) {
  std::vector<Batch<float>> batches;
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < source.batches(0); ++i) {
    batches.push_back(source.get(0, i));
    const std::vector<std::size_t>& more = batches.back().x.layout().lengths();
    lengths.insert(lengths.end(), more.begin(), more.end());
  }
  if (batches.empty()) throw DataError("there are no batches to learn from");
  const auto layout = std::make_shared<SequenceLayout>(std::move(lengths));
  Stretch<float> all{Sequences<float>(layout, batches.front().x.features()),
                     Sequences<float>(layout, batches.front().targets.features())};
  std::size_t first = 0;
  for (const Batch<float>& batch : batches) {
    for (std::size_t b = 0; b < batch.x.layout().batch(); ++b)
      for (std::size_t t = 0; t < batch.x.layout().length(b); ++t) {
        std::ranges::copy(batch.x.at(b, t), all.inputs.at(first + b, t).begin());
        std::ranges::copy(batch.targets.at(b, t), all.targets.at(first + b, t).begin());
      }
    first += batch.x.layout().batch();
  }
  return all;
}

std::unique_ptr<Learner<float>> make_evolino(const MethodSettings& method, const MethodTask& task,
                                             std::uint64_t seed) {
  if (task.loss.name() != "mse")
    throw SettingError(
        fmt::format("method: evolino solves for values by least squares, and has no {} loss; expected mse",
                    task.loss.name()));
  Stretch<float> fit = all_of(task.training);
  Stretch<float> judge = task.validation != nullptr ? all_of(*task.validation) : fit;
  const auto readout = std::make_shared<const LinearReadoutTask<float>>(LinearReadoutTask<float>{
      .network = task.network, .fit = std::move(fit), .judge = std::move(judge), .ridge = method.ridge});
  const std::span<const float> weights = task.network.weights();
  EvolinoOptions options = method.evolino;
  if (method.members != 0) options.subpopulations.members = method.members;
  options.subpopulations.seed = seed;
  return std::make_unique<Evolino<float>>(
      EvolinoTask<float>{
          .weights = {weights.begin(), weights.end()},
          .groups = evolved_groups(task.network),
          .make_readout = [readout] { return std::make_unique<LinearReadout<float>>(*readout); },
          .pool = task.pool},
      options);
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
  if (is_evolution(method.name) || method.name == Method::evolino) check_searched(task.network);
  if (is_evolution(method.name)) return make_search(method, task, optimizer, schedule, seed);
  if (method.name == Method::evolino) return make_evolino(method, task, seed);
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
