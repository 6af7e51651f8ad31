#include "lab/double_pole.h"

#include <memory>

#include "lab/learning.h"
#include "tasks/environments/double_pole.h"
#include "tasks/episode_objective.h"
#include "training/evolution/evolution_strategy.h"
#include "training/evolution/pagmo_search.h"
#include "training/learning_run.h"

namespace carousel::lab {

namespace {

constexpr const char* kSpec = "rnn 4, dense 1 tanh";

struct Trial {
  std::size_t steps, members, generations;
};

EvolutionTask<float> task(const Trial& trial, std::uint64_t seed, ThreadPool& pool) {
  const Network<float> start(kSpec, DoublePole().observations(), seed);
  const std::size_t longest = trial.steps;
  return {.weights = {start.weights().begin(), start.weights().end()},
          .make_objective =
              [longest] {
                return std::make_unique<EpisodeObjective>(
                    kSpec,
                    [longest] { return std::make_unique<DoublePole>(DoublePoleOptions{.longest = longest}); },
                    1);
              },
          .pool = pool};
}

Outcome lead(Learner<float>& learner, const Trial& trial, const Context& context, std::uint64_t seed) {
  ContextSink sink(context);
  const auto steps = static_cast<double>(trial.steps);
  const TrainingResult result =
      LearningRun<float>(learner, {.epochs = trial.generations, .target_loss = -steps, .seed = seed},
                         {.sink = &sink})
          .run();
  // Each generation plays its members and, to know where it stands, its best or its centre.
  return {.met = -result.best_validation_loss >= steps,
          .sequences = result.history.size() * (trial.members + 1),
          .figure = -result.best_validation_loss};
}

Outcome run_double_pole_evolution_strategy(const Context& context, std::uint64_t seed) {
  const Trial trial{.steps = 1000, .members = 64, .generations = 1000};
  ThreadPool pool(1);
  EvolutionStrategy<float> strategy(task(trial, seed, pool), {.members = trial.members,
                                                              .deviation = 0.2,
                                                              .optimizer = {},
                                                              .schedule = {.learning_rate = 0.1},
                                                              .seed = seed});
  return lead(strategy, trial, context, seed);
}

Outcome run_double_pole_genetic(const Context& context, std::uint64_t seed) {
  const Trial trial{.steps = 100'000, .members = 100, .generations = 300};
  ThreadPool pool(1);
  PagmoSearchOptions options;
  options.method = "genetic";
  options.members = trial.members;
  options.deviation = 1;
  options.one_round = true;
  options.seed = seed;
  const auto search = make_pagmo_search(task(trial, seed, pool), options);
  return lead(*search, trial, context, seed);
}

}  // namespace

const Experiment kDoublePoleEvolutionStrategy{
    .name = "double_pole_evolution_strategy",
    .what =
        "balances two poles on a cart without seeing velocities: a recurrent network of 4 units, by an "
        "evolution strategy with mirrored noise",
    .source = "Wieland 1991; Gomez & Miikkulainen 1997; Salimans et al. 2017",
    .figure = "steps balanced",
    .published = "solved",
    .gate = "7 of 10 seeds balance 1,000 steps",
    .seeds = 10,
    .needed = 7,
    .run = run_double_pole_evolution_strategy};

const Experiment kDoublePoleGenetic{.name = "double_pole_genetic",
                                    .what = "the same by a genetic algorithm of 100 members",
                                    .source = "Wieland 1991; Gomez & Miikkulainen 1997",
                                    .figure = "steps balanced",
                                    .published = "100,000 steps",
                                    .gate = "7 of 10 seeds balance 100,000 steps",
                                    .seeds = 10,
                                    .needed = 7,
                                    .run = run_double_pole_genetic};

}  // namespace carousel::lab
