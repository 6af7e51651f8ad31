#include "lab/double_pole.h"

#include <memory>

#include "lab/learning.h"
#include "tasks/environments/double_pole.h"
#include "tasks/episode_objective.h"
#include "training/evolution/evolution_strategy.h"
#include "training/learning_run.h"

namespace carousel::lab {

namespace {

constexpr const char* kSpec = "rnn 4, dense 1 tanh";
constexpr std::size_t kMembers = 64, kGenerations = 1000;
constexpr double kSteps = 1000;

std::unique_ptr<EpisodeObjective> make_objective() {
  return std::make_unique<EpisodeObjective>(
      kSpec, [] { return std::make_unique<DoublePole>(); }, 1);
}

}  // namespace

Outcome run_double_pole_evolution_strategy(const Context& context, std::uint64_t seed) {
  const Network<float> start(kSpec, DoublePole().observations(), seed);
  ThreadPool pool(1);
  EvolutionStrategy<float> strategy({.weights = {start.weights().begin(), start.weights().end()},
                                     .make_objective = make_objective,
                                     .pool = pool},
                                    {.members = kMembers,
                                     .deviation = 0.2,
                                     .optimizer = {},
                                     .schedule = {.learning_rate = 0.1},
                                     .seed = seed});
  ContextSink sink(context);
  const TrainingResult result =
      LearningRun<float>(strategy, {.epochs = kGenerations, .target_loss = -kSteps, .seed = seed},
                         {.sink = &sink})
          .run();
  // Each generation plays its members and, to know where it stands, the policy itself.
  return {.met = -result.best_validation_loss >= kSteps,
          .sequences = result.history.size() * (kMembers + 1),
          .figure = -result.best_validation_loss};
}

}  // namespace carousel::lab
