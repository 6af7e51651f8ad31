// A network that acts, against worlds whose returns are known, and one that learns to act by evolution.
#include "tasks/episode_objective.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tasks/environments/double_pole.h"
#include "training/evolution/evolution_strategy.h"
#include "training/learning_run.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Shows its seed, then 0; an act a at step t is worth a (t + 1). Three steps.
class Ledger final : public Environment {
 public:
  explicit Ledger(ActionKind kind) : kind_(kind) {}
  std::size_t observations() const noexcept override { return 1; }
  ActionKind action_kind() const noexcept override { return kind_; }
  std::size_t actions() const noexcept override { return 2; }
  void reset(std::uint64_t seed, std::span<float> observation) override {
    observation[0] = static_cast<float>(seed);
    t_ = 0;
  }
  Step step(std::span<const float> action, std::span<float> observation) override {
    EXPECT_EQ(action.size(), kind_ == ActionKind::discrete ? 1u : 2u);
    observation[0] = 0;
    ++t_;
    return {static_cast<double>(action[0]) * static_cast<double>(t_), t_ == 3};
  }

 private:
  ActionKind kind_;
  std::size_t t_ = 0;
};

/// y = (2 x + 1, 0)
Network<float> line() {
  Network<float> network("dense 2", 1);
  network.set_weights(std::vector<float>{2, 0, 1, 0});
  return network;
}

double return_of(const Network<float>& network, Environment& environment) {
  Actor<float> actor(network, environment);
  return play_episode(environment, 5, actor).sum;
}

TEST(EpisodeReturn, IsTheSumOfRewardsOfWhatIsPutOut) {
  Ledger world(ActionKind::continuous);
  EXPECT_EQ(return_of(line(), world), 11 * 1 + 1 * 2 + 1 * 3);
  Ledger choices(ActionKind::discrete);
  EXPECT_EQ(return_of(line(), choices), 0);  // the first output is the larger
  Network<float> other = line();
  other.set_weights(std::vector<float>{-2, 0, 1, 0});
  EXPECT_EQ(return_of(other, choices), 1);  // -9 < 0 at the first step alone
}

TEST(EpisodeReturn, OutputsBehindTheActsAreNotDone) {
  Ledger choices(ActionKind::discrete);
  Network<float> with_value("dense 3", 1);
  with_value.set_weights(std::vector<float>{2, 0, 9, 1, 0, 9});
  EXPECT_EQ(return_of(with_value, choices), 0);
}

TEST(EpisodeReturn, WhatPutsOutNoNumbersDoesNotAct) {
  Ledger world(ActionKind::continuous);
  Network<float> network = line();
  network.set_weights(std::vector<float>{3e38F, 0, 0, 0});
  EXPECT_TRUE(std::isnan(return_of(network, world)));
}

TEST(EpisodeReturn, ARoundIsSoManyEpisodesOfItsOwn) {
  EpisodeObjective objective(
      "dense 2", [] { return std::make_unique<Ledger>(ActionKind::continuous); }, 3);
  const std::vector<float> weights = {2, 0, 1, 0};
  EXPECT_EQ(objective.loss(weights, 0), -(2.0 * (0 + 1 + 2) / 3 + 6));
  EXPECT_EQ(objective.loss(weights, 4), -(2.0 * (12 + 13 + 14) / 3 + 6));
}

TEST(EpisodeReturn, ANetworkThatDoesNotFitIsRefused) {
  const auto make = [] { return std::make_unique<Ledger>(ActionKind::discrete); };
  EXPECT_THAT(
      [&] { EpisodeObjective("dense 1", make, 1); },
      ThrowsMessage<SettingError>(HasSubstr("found 1 inputs and 1 outputs, expected 1 and at least 2")));
  EXPECT_THAT([&] { EpisodeObjective("bidirectional(lstm 1)", make, 1); },
              ThrowsMessage<SettingError>(HasSubstr("steps to come")));
}

// Velocities are not seen: a network without memory falls within a second.
TEST(EpisodeReturn, ARecurrentNetworkLearnsToBalanceTwoPolesThatItOnlySees) {
  const MakeEnvironment make = [] { return std::make_unique<DoublePole>(); };
  const std::string spec = "rnn 4, dense 1 tanh";
  EvolutionStrategyOptions options;
  options.members = 64;
  options.deviation = 0.2;
  options.schedule.learning_rate = 0.1;
  ThreadPool pool(1);
  const EpisodeObjective first(spec, make, 1);
  const auto weights = first.network().weights();
  EvolutionStrategy<float> strategy(
      {.weights = {weights.begin(), weights.end()},
       .make_objective = [&] { return std::make_unique<EpisodeObjective>(spec, make, 1); },
       .pool = pool},
      options);
  // 111 to 166 epochs with four seeds.
  const TrainingResult result = LearningRun<float>(strategy, {.epochs = 300, .target_loss = -1000}).run();
  EXPECT_LE(result.best_validation_loss, -1000);
}

}  // namespace
}  // namespace carousel
