// The evolution strategy: what its members are, what it takes for a gradient, and that nothing else shows.
#include "training/evolution/evolution_strategy.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "training/evolution/evolution_testing.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

EvolutionStrategyOptions some_options() {
  EvolutionStrategyOptions options;
  options.members = 32;
  options.optimizer.name = "sgd";
  options.schedule.learning_rate = 1;
  return options;
}

std::string path() { return evolution_checkpoint(::testing::TempDir()); }

Outcome run(const Function& function, const std::vector<double>& start,
            const EvolutionStrategyOptions& options, LearningRunOptions leading = {.epochs = 1},
            std::size_t threads = 1, const Checkpoint<double>* from = nullptr, ProgressSink* sink = nullptr) {
  ThreadPool pool(threads);
  EvolutionStrategy<double> strategy(evolution_task(function, start, pool), options);
  leading.seed = options.seed;
  return lead(strategy, leading, path(), from, sink);
}

TEST(EvolutionStrategy, MembersAreMirroredAndTheirNoiseIsNormal) {
  EvolutionStrategyOptions options = some_options();
  options.deviation = 0.5;
  const std::size_t n = 2001;
  const std::vector<double> weights(n, 3);
  std::vector<double> one(n), other(n), next(n);
  double sum = 0, squares = 0, products = 0;
  for (std::size_t pair = 0; pair < 50; ++pair) {
    evolution_member<double>(weights, options, 7, 2 * pair, one);
    evolution_member<double>(weights, options, 7, 2 * pair + 1, other);
    evolution_member<double>(weights, options, 8, 2 * pair, next);
    for (std::size_t j = 0; j < n; ++j) {
      EXPECT_EQ(one[j] + other[j], 6);
      const double e = (one[j] - 3) / 0.5;
      sum += e, squares += e * e, products += e * (next[j] - 3);
    }
  }
  const double count = 50.0 * static_cast<double>(n);
  EXPECT_NEAR(sum / count, 0, 4 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 1, 6 / std::sqrt(count));
  EXPECT_NEAR(products / count, 0, 4 / std::sqrt(count));
}

// By the formula of the header, written again.
TEST(EvolutionStrategy, TheStepIsThatOfTheRankedDifferences) {
  EvolutionStrategyOptions options = some_options();
  options.members = 4;
  options.weight_decay = 0.25;
  const std::vector<double> start = {0.5, -2, 4};
  const auto slope = [](std::span<const double> w, std::uint64_t) { return w[0] + 10 * w[1] - 3 * w[2]; };
  std::vector<std::vector<double>> members(4, std::vector<double>(3));
  std::vector<double> losses;
  for (std::size_t m = 0; m < 4; ++m) {
    evolution_member<double>(start, options, 0, m, members[m]);
    losses.push_back(slope(members[m], 1));
  }
  std::vector<double> expected = start;
  for (std::size_t j = 0; j < 3; ++j) {
    double g = 0.25 * start[j];
    for (std::size_t m = 0; m < 4; ++m) {
      double better = 0;
      for (const double loss : losses) better += loss < losses[m] ? 1 : 0;
      g += (better / 3 - 0.5) * (members[m][j] - start[j]) / options.deviation / (4 * options.deviation);
    }
    expected[j] -= g;
  }
  const Outcome found = run(slope, start, options);
  for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(found.weights[j], expected[j], 1e-13);
}

TEST(EvolutionStrategy, FindsTheBottomOfABowlAndOfARavine) {
  EvolutionStrategyOptions options = some_options();
  options.optimizer.name = "adam";
  options.schedule = {.name = "cosine", .learning_rate = 0.1};
  options.deviation = 0.05;
  const Outcome bowl = run(sphere, std::vector<double>(20, -2), options, {.epochs = 400});
  EXPECT_LT(sphere(bowl.best, 0), 0.01);
  EXPECT_EQ(bowl.result.best_validation_loss, sphere(bowl.best, 0));
  EXPECT_LT(rosenbrock(run(rosenbrock, {-1.2, 1}, options, {.epochs = 1500}).best, 0), 0.01);
}

TEST(EvolutionStrategy, ThreadsDoNotShow) {
  EvolutionStrategyOptions options = some_options();
  const auto noisy = [](std::span<const double> w, std::uint64_t round) {
    return sphere(w, round) + 0.1 * Random(3, round).uniform(0);
  };
  const std::vector<double> start(2500, 0.3);  // several blocks
  const Outcome expected = run(noisy, start, options, {.epochs = 12});
  for (const std::size_t threads : {2, 3, 7}) {
    const Outcome found = run(noisy, start, options, {.epochs = 12}, threads);
    EXPECT_EQ(found.weights, expected.weights);
    EXPECT_EQ(found.best, expected.best);
  }
}

TEST(EvolutionStrategy, AResumedRunIsTheOneNeverStopped) {
  for (const std::string optimizer : {"adam", "sgd"}) {
    EvolutionStrategyOptions options = some_options();
    options.optimizer.name = optimizer;
    options.schedule = {.name = "plateau", .learning_rate = 0.05, .factor = 0.5, .plateau_epochs = 1};
    const std::vector<double> start = {3, -3, 2};
    const LearningRunOptions leading = {.epochs = 20};
    const Outcome whole = run(sphere, start, options, leading);
    StopAfter stop(7);
    EXPECT_EQ(run(sphere, start, options, leading, 1, nullptr, &stop).result.stopped,
              StopReason::interrupted);
    const auto from = load_checkpoint<double>(path());
    ASSERT_EQ(from.epoch, 7u);
    const Outcome resumed = run(sphere, {0, 0, 0}, options, leading, 2, &from);
    EXPECT_EQ(resumed.weights, whole.weights);
    EXPECT_EQ(resumed.best, whole.best);
    ASSERT_EQ(resumed.result.history.size(), 20u);
    EXPECT_EQ(resumed.result.history[19].loss, whole.result.history[19].loss);
    EXPECT_EQ(resumed.result.history[19].learning_rate, whole.result.history[19].learning_rate);
    options.seed = 1;
    EXPECT_THAT([&] { run(sphere, start, options, leading, 1, &from); },
                ThrowsMessage<ModelError>(HasSubstr("seed 0")));
  }
}

TEST(EvolutionStrategy, EqualLossesSayNothing) {
  EvolutionStrategyOptions options = some_options();
  const std::vector<double> start = {1, 2, 3};
  EXPECT_EQ(run([](auto, auto) { return 4.0; }, start, options, {.epochs = 3}).weights, start);
}

TEST(EvolutionStrategy, WhatHasNoLossIsTheWorst) {
  EvolutionStrategyOptions options = some_options();
  options.schedule.learning_rate = 0.1;
  options.deviation = 0.3;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto half = [&](std::span<const double> w, std::uint64_t) { return w[0] < 0 ? nan : 0.0; };
  const Outcome found = run(half, {0.01}, options, {.epochs = 60});
  EXPECT_GT(found.weights[0], 0.3);
  EXPECT_THAT([&] { run([&](auto, auto) { return nan; }, {1}, options); },
              ThrowsMessage<TrainingError>(HasSubstr("epoch 1, ")));
}

TEST(EvolutionStrategy, EndsWhereTheTargetIsReached) {
  EvolutionStrategyOptions options = some_options();
  options.schedule.learning_rate = 0.2;
  const Outcome found = run(sphere, {3, 3}, options, {.epochs = 500, .target_loss = 0.5});
  EXPECT_EQ(found.result.stopped, StopReason::target);
  EXPECT_LT(found.result.history.size(), 500u);
  EXPECT_LE(sphere(found.best, 0), 0.5);
}

TEST(EvolutionStrategy, OptionsOutOfRangeAreNamed) {
  const auto refusal = [](auto change, const std::string& what) {
    EvolutionStrategyOptions options = some_options();
    change(options);
    EXPECT_THAT([&] { run(sphere, {1}, options); }, ThrowsMessage<SettingError>(HasSubstr(what)));
  };
  refusal([](auto& o) { o.members = 7; }, "members: found 7, expected an even number");
  refusal([](auto& o) { o.members = 0; }, "members: found 0");
  refusal([](auto& o) { o.deviation = 0; }, "deviation: found 0");
  refusal([](auto& o) { o.deviation = std::nan(""); }, "deviation: found nan");
  refusal([](auto& o) { o.weight_decay = -1; }, "weight_decay: found -1");
}

}  // namespace
}  // namespace carousel
