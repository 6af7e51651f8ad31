#include "tasks/control.h"

#include <carousel/version.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/counted.h"
#include "tasks/control_model.h"
#include "tasks/environments/environments.h"
#include "tasks/episode_objective.h"
#include "tasks/settings_file.h"
#include "training/evolution/evolution_strategy.h"
#include "training/evolution/objective.h"
#include "training/evolution/pagmo_search.h"
#include "training/policy_gradient/policy_gradient.h"

namespace carousel {

namespace {

std::string method_text(const ControlSettings& s) {
  if (s.method == ControlMethod::policy_gradient)
    return fmt::format("{} by {}, {} side by side", name(s.method), s.gradient.algorithm,
                       counted(s.gradient.rows, "episode", "episodes"));
  return fmt::format("{}, {}{} each", name(s.method),
                     s.members == 0 ? "" : fmt::format("{} members of ", s.members),
                     counted(s.episodes, "episode", "episodes"));
}

std::vector<std::string> plan_lines(const ControlSettings& s, const Network<float>& network) {
  const auto environment = make_environment(s.environment);
  const bool discrete = environment->action_kind() == ActionKind::discrete;
  return {fmt::format("environment: {}; sees {}, {}", s.environment,
                      counted(environment->observations(), "number", "numbers"),
                      discrete
                          ? fmt::format("does one of {} things", environment->actions())
                          : fmt::format("puts out {}", counted(environment->actions(), "number", "numbers"))),
          fmt::format("network: {}; {}", control_spec(s),
                      counted(network.weights().size(), "parameter", "parameters")),
          fmt::format("method: {}, until the mean return is {}", method_text(s), *s.target)};
}

MakeEnvironment maker(const ControlSettings& s) {
  return [&s] { return make_environment(s.environment); };
}

std::unique_ptr<Learner<float>> make_search(const ControlSettings& s, const Network<float>& network,
                                            ThreadPool& pool) {
  check_searched(network);
  EvolutionTask<float> task{
      .weights = {network.weights().begin(), network.weights().end()},
      .make_objective =
          [&s] { return std::make_unique<EpisodeObjective>(control_spec(s), maker(s), s.episodes); },
      .pool = pool};
  if (s.method == ControlMethod::evolution_strategy)
    return std::make_unique<EvolutionStrategy<float>>(
        std::move(task), EvolutionStrategyOptions{.members = s.members,
                                                  .deviation = s.deviation,
                                                  .weight_decay = s.training.optimizer.weight_decay,
                                                  .optimizer = s.training.optimizer,
                                                  .schedule = s.training.schedule,
                                                  .seed = s.training.seed});
  return make_pagmo_search(task, {.method = std::string(name(s.method)),
                                  .members = s.members,
                                  .deviation = s.deviation,
                                  .bound = s.bound,
                                  .one_round = make_environment(s.environment)->episodes_alike(),
                                  .genetic = s.genetic,
                                  .seed = s.training.seed});
}

/// The network, pool and settings must outlive it.
std::unique_ptr<Learner<float>> make_learner(const ControlSettings& s, Network<float>& network,
                                             ThreadPool& pool) {
  if (is_evolution(s.method)) return make_search(s, network, pool);
  PolicyGradientOptions options = s.gradient;
  options.evaluation_episodes = s.episodes;
  options.clip_norm = s.training.clip_norm;
  options.optimizer = s.training.optimizer;
  options.schedule = s.training.schedule;
  options.seed = s.training.seed;
  return std::make_unique<PolicyGradient<float>>(
      PolicyGradientTask<float>{.network = network, .make_environment = maker(s), .pool = pool}, options);
}

/// Trains from the start, or from a checkpoint.
TrainingResult train(const ControlSettings& s, const Network<float>& network, Learner<float>& learner,
                     const RunFolder& folder, RunSink* sink, const Checkpoint<float>* from) {
  if (sink != nullptr) sink->on_plan(plan_lines(s, network));
  const Metadata provenance{{"provenance.environment", s.environment},
                            {"provenance.seed", fmt::format("{}", s.training.seed)},
                            {"provenance.version", kVersion}};
  const auto save = [&](std::span<const float> weights) {
    const auto fill = [&](const ParameterTable&, std::span<float> values) {
      std::ranges::copy(weights, values.begin());
    };
    save_policy(folder.model(), s,
                Network<float>::filled(network.spec(), network.inputs(), {.backward = false}, fill),
                provenance);
  };
  return learn_run(learner, {s.training, -*s.target, save}, folder, sink, from);
}

}  // namespace

TrainingResult train_control(const ControlSettings& settings, const RunFolder& folder, ThreadPool& pool,
                             RunSink* sink) {
  const ControlSettings s = resolved(settings);
  Network<float> network = build_policy(s);
  const auto learner = make_learner(s, network, pool);  // both refuse before anything is written
  begin_run(folder, to_toml(s));
  return train(s, network, *learner, folder, sink, nullptr);
}

TrainingResult resume_control(const RunFolder& folder, ThreadPool& pool, RunSink* sink) {
  folder.require();
  const ControlSettings s = resolved(read_settings<ControlSettings>(folder.settings()));
  Network<float> network = build_policy(s);
  const auto learner = make_learner(s, network, pool);
  const std::optional<Checkpoint<float>> checkpoint = continue_run(folder);
  return train(s, network, *learner, folder, sink, checkpoint ? &*checkpoint : nullptr);
}

}  // namespace carousel
