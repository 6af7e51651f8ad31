// How well a policy acts, beside what takes no learning, and an episode to be looked at.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "tasks/control_model.h"
#include "tasks/environments/drawn_environment.h"

namespace carousel {

/// What came of some episodes; a return is the sum of an episode's rewards.
struct ControlScore {
  std::string name;  ///< "model", "random", "always"
  double mean = 0, deviation = 0, worst = 0, best = 0;
  double solved = 0;  ///< share of episodes that end in success
  double steps = 0;   ///< of an episode, in the mean
};

/// One episode, step by step: what is seen comes before what is done.
struct PlayedEpisode {
  std::size_t number = 0;  ///< of the test episodes, from 1
  Stage stage;
  std::vector<std::vector<DrawnShape>> frames;  ///< one more than steps: the last is the end
  std::vector<std::vector<float>> seen, done;   ///< [steps][observations], [steps][1 or actions]
  std::vector<double> rewards;
};

struct ControlEvaluation {
  std::string environment;
  bool own = true;  ///< the one trained in
  std::size_t episodes = 0;
  double best_return = 0;  ///< the most that an episode can bring
  ControlScore model;
  /// random: acts without looking. always: the one act that is best if it is done at every step.
  std::vector<ControlScore> baselines;
  bool beats_baselines = false;  ///< by mean
  bool diverged = false;         ///< the model gives no finite numbers: it has no score
  PlayedEpisode played;          ///< the test episode whose return is the median
};

/// The policy of a run folder, or a model file, in the world that it was trained in, or in another that shows
/// and takes as many numbers. Deterministic: the same numbers whenever and on however many threads. Throws
/// FileError, ModelError, SettingError for a world that is none or does not fit.
ControlEvaluation evaluate_control(const std::string& run, const std::optional<std::string>& environment,
                                   ThreadPool& pool);

}  // namespace carousel
