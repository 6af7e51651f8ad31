// Everything that can be chosen about a policy: the world it acts in, its network, and how it learns.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tasks/training_settings.h"
#include "training/evolution/pagmo_search.h"
#include "training/policy_gradient/policy_gradient.h"

namespace carousel {

/// How a policy learns.
enum class ControlMethod {
  evolution_strategy,  ///< training/evolution/evolution_strategy.h
  cma_es,              ///< training/evolution/pagmo_search.h
  xnes,                ///< the same
  genetic,             ///< the same
  policy_gradient,     ///< training/policy_gradient/policy_gradient.h
};
/// Whether it searches for weights by trying members of a generation.
bool is_evolution(ControlMethod method) noexcept;

std::string_view name(ControlMethod method) noexcept;
/// The inverse; throws SettingError with the nearest name.
ControlMethod parse_control_method(std::string_view name);

struct ControlSettings {
  static constexpr std::string_view kTask = "control";

  // Control
  std::string environment;        ///< as make_environment takes it
  std::size_t episodes = 0;       ///< that a loss is the mean of; 0: 1 where all are alike, else 16
  std::size_t test_episodes = 0;  ///< that a policy is judged by; 0: 1 where all are alike, else 1000
  std::optional<double> target;   ///< training ends at this mean return; not set: at the best one possible

  // Network
  std::optional<std::string> layers;  ///< without the last one, which acts; not set: "lstm HIDDEN"
  std::size_t hidden = 8;

  // Method
  ControlMethod method = ControlMethod::evolution_strategy;
  std::size_t members = 0;  ///< of a generation; 0: the method's own number
  double deviation = 0;     ///< of a member's weights from those of the policy; 0: the method's own
  double bound = 10;        ///< cma_es, xnes, genetic: how far a weight may go from where it began
  GeneticOptions genetic;
  /// Its deviation, clip_norm, optimizer, schedule and seed are those of training.
  PolicyGradientOptions gradient;

  /// epochs: 1000 generations, or 300 times `gradient.rollouts`. learning_rate 0: the method's own. No batch,
  /// recompute or patience; clip_norm: of policy_gradient.
  TrainingSettings training{
      .optimizer = {.name = "adam"}, .schedule = {.learning_rate = 0}, .clip_norm = 0.5, .patience = 0};
};

/// Everything that can be seen without building the network. Throws SettingError naming the option and what
/// would work.
void check_settings(const ControlSettings& settings);
/// What is left open, decided. Throws as check_settings.
ControlSettings resolved(ControlSettings settings);

}  // namespace carousel
