#include "tasks/control.h"

#include <carousel/version.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/counted.h"
#include "tasks/control_model.h"
#include "tasks/environments/environments.h"
#include "tasks/episode_objective.h"
#include "tasks/settings_file.h"
#include "training/evolution/evolution_strategy.h"

namespace carousel {

namespace {

constexpr std::size_t kEpisodes = 16, kTestEpisodes = 1000, kGenerations = 1000;

ControlSettings resolved(ControlSettings s) {
  check_settings(s);
  const bool alike = make_environment(s.environment)->episodes_alike();
  if (s.episodes == 0) s.episodes = alike ? 1 : kEpisodes;
  if (s.test_episodes == 0) s.test_episodes = alike ? 1 : kTestEpisodes;
  if (!s.target) s.target = make_environment(s.environment)->best_return();
  if (!s.layers) s.layers = fmt::format("lstm {}", s.hidden);
  s.hidden = ControlSettings{}.hidden;
  if (s.training.epochs == 0) s.training.epochs = kGenerations;
  return s;
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
          fmt::format("method: {}, {} members of {} each, until the mean return is {}", name(s.method),
                      s.members, counted(s.episodes, "episode", "episodes"), *s.target)};
}

/// Trains from the start, or from a checkpoint.
TrainingResult train(const ControlSettings& s, const Network<float>& network, const RunFolder& folder,
                     ThreadPool& pool, RunSink* sink, const Checkpoint<float>* from) {
  if (sink != nullptr) sink->on_plan(plan_lines(s, network));
  const auto make = [&] {
    return std::make_unique<EpisodeObjective>(
        control_spec(s), [&] { return make_environment(s.environment); }, s.episodes);
  };
  EvolutionStrategy<float> strategy(
      {.weights = {network.weights().begin(), network.weights().end()}, .make_objective = make, .pool = pool},
      {.members = s.members,
       .deviation = s.deviation,
       .weight_decay = s.training.optimizer.weight_decay,
       .optimizer = s.training.optimizer,
       .schedule = s.training.schedule,
       .seed = s.training.seed});
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
  return learn_run(strategy, {s.training, -*s.target, save}, folder, sink, from);
}

}  // namespace

TrainingResult train_control(const ControlSettings& settings, const RunFolder& folder, ThreadPool& pool,
                             RunSink* sink) {
  const ControlSettings s = resolved(settings);
  const Network<float> network = build_policy(s);  // refuses before anything is written
  begin_run(folder, to_toml(s));
  return train(s, network, folder, pool, sink, nullptr);
}

TrainingResult resume_control(const RunFolder& folder, ThreadPool& pool, RunSink* sink) {
  folder.require();
  const ControlSettings s = resolved(read_settings<ControlSettings>(folder.settings()));
  const Network<float> network = build_policy(s);
  const std::optional<Checkpoint<float>> checkpoint = continue_run(folder);
  return train(s, network, folder, pool, sink, checkpoint ? &*checkpoint : nullptr);
}

}  // namespace carousel
