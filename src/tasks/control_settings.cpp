#include "tasks/control_settings.h"

#include <array>
#include <limits>

#include "tasks/environments/environments.h"
#include "tasks/setting_checks.h"

namespace carousel {

namespace {

constexpr std::array<std::string_view, 5> kMethods = {"evolution_strategy", "cma_es", "xnes", "genetic",
                                                      "policy_gradient"};
constexpr std::size_t kEpisodes = 16, kTestEpisodes = 1000, kGenerations = 1000, kGradientEpochs = 300;

void check_evolution(const ControlSettings& s) {
  check_count("members", s.members, 0, kMostSteps);
  if (s.method == ControlMethod::evolution_strategy && s.members % 2 != 0)
    throw SettingError(
        fmt::format("members: found {}, expected an even number: they are mirrored in pairs", s.members));
  check_number("deviation", s.deviation, 0, std::numeric_limits<double>::max());
  check_number("bound", s.bound, std::numeric_limits<double>::min(), std::numeric_limits<double>::max());
}

/// What a method takes where nothing was said.
void decide_method(ControlSettings& s) {
  const bool strategy = s.method == ControlMethod::evolution_strategy;
  if (is_evolution(s.method)) {
    const bool genetic = s.method == ControlMethod::genetic;
    if (s.members == 0 && (strategy || genetic)) s.members = genetic ? 100 : 64;
    if (s.deviation == 0) s.deviation = strategy ? 0.2 : genetic ? 1 : 0.5;
    if (s.training.epochs == 0) s.training.epochs = kGenerations;
  } else if (s.training.epochs == 0) {
    s.training.epochs = kGradientEpochs;
  }
  if (s.training.schedule.learning_rate == 0) s.training.schedule.learning_rate = strategy ? 0.1 : 0.003;
}

}  // namespace

std::string_view name(ControlMethod method) noexcept { return kMethods[static_cast<std::size_t>(method)]; }
bool is_evolution(ControlMethod method) noexcept { return method != ControlMethod::policy_gradient; }
ControlMethod parse_control_method(std::string_view name) {
  return parse_name<ControlMethod>("method", kMethods, name);
}

void check_settings(const ControlSettings& s) {
  in_option("environment", [&] { return make_environment(s.environment); });
  check_count("episodes", s.episodes, 0, kMostSteps);
  check_count("test_episodes", s.test_episodes, 0, kMostSteps);
  if (s.target)
    check_number("target", *s.target, std::numeric_limits<double>::lowest(),
                 std::numeric_limits<double>::max());
  check_layers(s.layers, s.hidden != ControlSettings{}.hidden);
  check_count("hidden", s.hidden, 1, kMostSteps);
  check_evolution(s);
  TrainingSettings training = s.training;
  if (training.schedule.learning_rate == 0) training.schedule.learning_rate = 1;  // not decided yet
  check_settings(training);
}

ControlSettings resolved(ControlSettings s) {
  check_settings(s);
  const auto environment = make_environment(s.environment);
  const bool alike = environment->episodes_alike();
  if (s.episodes == 0) s.episodes = alike ? 1 : kEpisodes;
  if (s.test_episodes == 0) s.test_episodes = alike ? 1 : kTestEpisodes;
  if (!s.target) s.target = environment->best_return();
  if (!s.layers) s.layers = fmt::format("lstm {}", s.hidden);
  s.hidden = ControlSettings{}.hidden;
  decide_method(s);
  return s;
}

}  // namespace carousel
