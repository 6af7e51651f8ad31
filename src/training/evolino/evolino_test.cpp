// Evolino as a way to learn: what it finds, keeps and tells, where everything can be told in advance.
#include "training/evolino/evolino.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/median.h"
#include "training/learning_run.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Loss of the first four weights; the fifth is solved: their sum.
using Function = std::function<double(std::span<const double>)>;

class Formula final : public Readout<double> {
 public:
  explicit Formula(Function function) : function_(std::move(function)) {}
  double solve(std::span<double> weights) override {
    weights[4] = weights[0] + weights[1] + weights[2] + weights[3];
    return function_(weights.first(4));
  }

 private:
  Function function_;
};

double bowl(std::span<const double> w) {
  double sum = 0;
  for (std::size_t j = 0; j < w.size(); ++j)
    sum += (w[j] - static_cast<double>(j)) * (w[j] - static_cast<double>(j));
  return sum;
}

EvolinoOptions some_options() { return {.subpopulations = {.members = 16, .mutation = 0.05}}; }

struct Outcome {
  TrainingResult result;
  std::vector<double> best;
  Checkpoint<double> last;
};

/// Everything a run leaves behind.
Outcome run(const Function& function, const EvolinoOptions& options,
            LearningRunOptions leading = {.epochs = 1}, std::size_t threads = 1,
            const Checkpoint<double>* from = nullptr, ProgressSink* sink = nullptr) {
  ThreadPool pool(threads);
  leading.checkpoint_path = ::testing::TempDir() + "/evolino_" + std::to_string(::getpid());
  leading.seed = options.subpopulations.seed;
  Evolino<double> learner({.weights = {0, 0, 0, 0, 0, 9},
                           .groups = {{0, 1}, {2}, {3}},
                           .make_readout = [&] { return std::make_unique<Formula>(function); },
                           .pool = pool},
                          options);
  LearningRun<double> leader(learner, leading, {.sink = sink});
  if (from != nullptr) leader.resume(*from);
  Outcome out{leader.run(), {}, {}};
  out.best.assign(leader.best_weights().begin(), leader.best_weights().end());
  out.last = load_checkpoint<double>(leading.checkpoint_path);
  return out;
}

TEST(Evolino, FindsTheBottomOfABowlAndSolvesTheRest) {
  const Outcome found = run(bowl, some_options(), {.epochs = 150});
  EXPECT_LT(bowl(std::span(found.best).first(4)), 0.01);
  EXPECT_EQ(found.best[4], found.best[0] + found.best[1] + found.best[2] + found.best[3]);
  EXPECT_EQ(found.best[5], 9);  // in no group
  EXPECT_EQ(found.result.best_validation_loss, bowl(std::span(found.best).first(4)));
}

TEST(Evolino, TellsTheMedianAndTheBestOfAGeneration) {
  EvolinoOptions options = some_options();
  options.subpopulations.trials = 2;
  const Outcome found = run(bowl, options);
  const Subpopulations<double> same({{0, 1}, {2}, {3}}, std::vector<double>(6), options.subpopulations);
  std::vector<double> losses;
  for (std::size_t i = 0; i < 32; ++i) {
    std::vector<double> w(4);
    same.assemble(same.partners(0, i), w);
    losses.push_back(bowl(w));
  }
  EXPECT_EQ(found.result.history[0].loss, median(losses));
  EXPECT_EQ(found.result.history[0].validation_loss, std::ranges::min(losses));
}

TEST(Evolino, ThreadsDoNotShow) {
  const Outcome expected = run(bowl, some_options(), {.epochs = 8});
  for (const std::size_t threads : {2, 3, 7}) {
    const Outcome found = run(bowl, some_options(), {.epochs = 8}, threads);
    EXPECT_EQ(found.best, expected.best);
    EXPECT_EQ(found.last.vectors, expected.last.vectors);
  }
}

/// Stops a run after so many generations.
struct StopAfter final : ProgressSink {
  explicit StopAfter(std::size_t generations) : left(generations) {}
  bool should_stop() override { return --left == 0; }
  std::size_t left;
};

TEST(Evolino, AResumedRunIsTheOneNeverStopped) {
  EvolinoOptions options = some_options();
  options.stagnation = 2;
  const Outcome whole = run(bowl, options, {.epochs = 12});
  for (std::size_t stop_after = 1; stop_after < 12; ++stop_after) {
    StopAfter stop(stop_after);
    const Outcome first = run(bowl, options, {.epochs = 12}, 1, nullptr, &stop);
    ASSERT_EQ(first.last.epoch, stop_after);
    const Outcome resumed = run(bowl, options, {.epochs = 12}, 2, &first.last);
    EXPECT_EQ(resumed.best, whole.best);
    EXPECT_EQ(resumed.last.vectors, whole.last.vectors);
    EXPECT_EQ(resumed.last.numbers.at("stagnated"), whole.last.numbers.at("stagnated"));
    ASSERT_EQ(resumed.result.history.size(), 12u);
    EXPECT_EQ(resumed.result.history[11].loss, whole.result.history[11].loss);
  }
}

// All networks are as good as the first one judged: nothing is ever better than the first generation's.
TEST(Evolino, BurstsOutOfTheBestWhereItStagnates) {
  EvolinoOptions options = some_options();
  options.stagnation = 3;
  options.subpopulations.mutation = 1e-6;
  const Function flat = [](auto) { return 1.0; };
  const auto spread = [&](std::size_t generations) {
    const Outcome found = run(flat, options, {.epochs = generations});
    const auto& members = found.last.vectors.at("members");
    std::vector<double> distances;
    for (std::size_t m = 0; m < 16; ++m)
      distances.push_back(std::abs(members[2 * m] - found.last.vectors.at("best")[0]));
    return median(distances);  // Cauchy noise has outliers
  };
  EXPECT_GT(spread(3), 1e-4);
  EXPECT_LT(spread(4), 1e-5);
  options.stagnation = 0;
  EXPECT_GT(spread(4), 1e-4);
}

TEST(Evolino, WhatHasNoLossIsTheWorst) {
  const Function half = [](std::span<const double> w) { return w[0] < 0 ? kNan : bowl(w); };
  EXPECT_GE(run(half, some_options(), {.epochs = 20}).best[0], 0);
  EXPECT_THAT([&] { run([](auto) { return kNan; }, some_options()); },
              ThrowsMessage<TrainingError>(HasSubstr("no network has a loss that is a number")));
}

TEST(Evolino, EndsWhereTheTargetIsReached) {
  const Outcome found = run(bowl, some_options(), {.epochs = 1000, .target_loss = 0.5});
  EXPECT_LT(found.result.history.size(), 1000u);
  EXPECT_LE(bowl(std::span(found.best).first(4)), 0.5);
}

TEST(Evolino, ACheckpointOfAnotherSizeIsRefusedAndNothingChanges) {
  Checkpoint<double> last = run(bowl, some_options(), {.epochs = 2}).last;
  last.vectors["members"].pop_back();
  EXPECT_THAT([&] { run(bowl, some_options(), {.epochs = 3}, 1, &last); },
              ThrowsMessage<ModelError>(HasSubstr("members")));
}

}  // namespace
}  // namespace carousel
