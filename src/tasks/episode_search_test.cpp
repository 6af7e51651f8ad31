// Networks that learn to act by pagmo's searches.
#include <gtest/gtest.h>

#include <memory>

#include "tasks/environments/double_pole.h"
#include "tasks/episode_objective.h"
#include "training/evolution/pagmo_search.h"
#include "training/learning_run.h"

namespace carousel {
namespace {

// Velocities are not seen: a network without memory falls within a second.
TEST(EpisodeSearch, AGeneticAlgorithmBalancesTwoPolesThatItOnlySeesForAsLongAsAnyoneLooks) {
  constexpr std::size_t kSteps = 100000;
  const MakeEnvironment make = [] {
    return std::make_unique<DoublePole>(DoublePoleOptions{.longest = kSteps});
  };
  const std::string spec = "rnn 4, dense 1 tanh";
  PagmoSearchOptions options;
  options.method = "genetic";
  options.members = 100;
  options.deviation = 1;
  options.one_round = true;
  ThreadPool pool(1);
  const EpisodeObjective first(spec, make, 1);
  const auto weights = first.network().weights();
  const auto search = make_pagmo_search<float>(
      {.weights = {weights.begin(), weights.end()},
       .make_objective = [&] { return std::make_unique<EpisodeObjective>(spec, make, 1); },
       .pool = pool},
      options);
  // 43 to 82 epochs with ten seeds.
  const TrainingResult result =
      LearningRun<float>(*search, {.epochs = 200, .target_loss = -static_cast<double>(kSteps)}).run();
  EXPECT_EQ(result.best_validation_loss, -static_cast<double>(kSteps));
}

}  // namespace
}  // namespace carousel
