// Networks that learn to act: that they do, that neither threads nor interruptions show, and what is refused.
#include "training/policy_gradient/policy_gradient.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "support/same_bits.h"
#include "training/learning_run.h"
#include "training/policy_gradient/acting_testing.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

MakeEnvironment recall() {
  return [] { return std::make_unique<Recall>(2, 6); };
}
MakeEnvironment aim() {
  return [] { return std::make_unique<Aim>(); };
}

PolicyGradientOptions some_options(const std::string& algorithm) {
  PolicyGradientOptions options;
  options.algorithm = algorithm;
  options.rows = 5;
  options.steps = 13;
  options.minibatches = 2;
  options.rollouts = 3;
  options.evaluation_episodes = 4;
  options.schedule.learning_rate = 0.01;
  options.seed = 3;
  return options;
}

std::string checkpoint_path() {
  return ::testing::TempDir() + "/policy_gradient_" + std::to_string(::getpid());
}

/// Everything a run leaves behind.
template <class T>
struct Outcome {
  TrainingResult result;
  std::vector<T> weights, best;
};

template <class T>
Outcome<T> run(const std::string& spec, const MakeEnvironment& make, const PolicyGradientOptions& options,
               LearningRunOptions leading, std::size_t threads = 1, const Checkpoint<T>* from = nullptr,
               ProgressSink* sink = nullptr) {
  ThreadPool pool(threads);
  Network<T> network(spec, make()->observations(), 5);
  PolicyGradient<T> learner({network, make, pool}, options);
  leading.seed = options.seed;
  leading.checkpoint_path = checkpoint_path();
  LearningRun<T> leader(learner, leading, {.sink = sink});
  if (from != nullptr) leader.resume(*from);
  Outcome<T> out{leader.run(), {}, {}};
  out.weights.assign(network.weights().begin(), network.weights().end());
  out.best.assign(leader.best_weights().begin(), leader.best_weights().end());
  return out;
}

template <class T>
void expect_same(const Outcome<T>& found, const Outcome<T>& expected) {
  EXPECT_TRUE(testing::same_bits<T>(found.weights, expected.weights));
  EXPECT_TRUE(testing::same_bits<T>(found.best, expected.best));
  ASSERT_EQ(found.result.history.size(), expected.result.history.size());
  for (std::size_t e = 0; e < found.result.history.size(); ++e) {
    EXPECT_EQ(found.result.history[e].loss, expected.result.history[e].loss);
    EXPECT_EQ(found.result.history[e].validation_loss, expected.result.history[e].validation_loss);
  }
}

TEST(PolicyGradient, ThreadsDoNotShow) {
  for (const std::string algorithm : {"reinforce", "a2c", "ppo"}) {
    const auto options = some_options(algorithm);
    const auto expected = run<float>("lstm 6, dense 3", recall(), options, {.epochs = 2});
    for (const std::size_t threads : {2, 3, 8})
      expect_same(run<float>("lstm 6, dense 3", recall(), options, {.epochs = 2}, threads), expected);
  }
}

/// Stops a run after so many steps.
struct StopAfter final : ProgressSink {
  explicit StopAfter(std::size_t steps) : left(steps) {}
  bool should_stop() override { return --left == 0; }
  std::size_t left;
};

// Rollouts of 13 steps stop inside of episodes.
TEST(PolicyGradient, AResumedRunIsTheOneNeverStopped) {
  const auto check = [](const std::string& spec, const MakeEnvironment& make,
                        const PolicyGradientOptions& options) {
    const LearningRunOptions leading = {.epochs = 3};
    const auto whole = run<double>(spec, make, options, leading);
    for (const std::size_t steps : {1, 3, 5, 8}) {
      StopAfter stop(steps);
      ASSERT_EQ(run<double>(spec, make, options, leading, 1, nullptr, &stop).result.stopped,
                StopReason::interrupted);
      const auto from = load_checkpoint<double>(checkpoint_path());
      expect_same(run<double>(spec, make, options, leading, 2, &from), whole);
    }
  };
  for (const std::string algorithm : {"reinforce", "a2c", "ppo"}) {
    PolicyGradientOptions options = some_options(algorithm);
    options.schedule.name = "plateau";
    options.schedule.plateau_epochs = 1;
    check("lstm 6 learned_start=on, dense 3", recall(), options);
    check("rnn 4, dense 5", aim(), options);
  }
}

TEST(PolicyGradient, ACheckpointThatContradictsItselfIsRefused) {
  const auto options = some_options("ppo");
  StopAfter stop(1);
  run<double>("lstm 6, dense 3", recall(), options, {.epochs = 1}, 1, nullptr, &stop);
  const auto good = load_checkpoint<double>(checkpoint_path());
  const auto refusal = [&](auto change, const std::string& what) {
    auto bad = good;
    change(bad);
    EXPECT_THAT([&] { run<double>("lstm 6, dense 3", recall(), options, {.epochs = 1}, 1, &bad); },
                ThrowsMessage<ModelError>(HasSubstr(what)));
  };
  refusal([](auto& c) { c.vectors.erase("acting.acts"); }, "acting.acts");
  refusal([](auto& c) { c.numbers.erase("acting.episode.2"); }, "acting.episode.2");
  refusal([](auto& c) { c.vectors["acting.state"].pop_back(); }, "acting.state");
  refusal(
      [](auto& c) {
        c.vectors["acting.acts"].insert(c.vectors["acting.acts"].end(), 100, 0.0);
        c.numbers["acting.acts.4"] += 100;
      },
      "the checkpoint's acts are not those of this environment");
}

TEST(PolicyGradient, LearnsToRemember) {
  for (const std::string algorithm : {"reinforce", "a2c", "ppo"}) {
    PolicyGradientOptions options = some_options(algorithm);
    options.rows = 16;
    options.steps = 32;
    options.rollouts = 10;
    options.evaluation_episodes = 50;
    const LearningRunOptions leading = {.epochs = 20, .target_loss = -1};
    // 1 to 3 epochs; without a memory it is a guess.
    EXPECT_EQ(run<float>("lstm 8, dense 3", recall(), options, leading).result.best_validation_loss, -1)
        << algorithm;
    EXPECT_GT(run<float>("dense 8 tanh, dense 3", recall(), options, leading).result.best_validation_loss,
              -0.9)
        << algorithm;
  }
}

TEST(PolicyGradient, LearnsNumbersWithTheirDeviation) {
  for (const double deviation : {0.0, 0.2}) {
    PolicyGradientOptions options = some_options("ppo");
    options.rows = 16;
    options.steps = 32;
    options.rollouts = 10;
    options.deviation = deviation;
    options.loss.entropy_weight = 0;
    const auto found = run<float>(deviation == 0 ? "rnn 8, dense 5" : "rnn 8, dense 3", aim(), options,
                                  {.epochs = 20, .target_loss = 0.01});  // 2 epochs
    EXPECT_LE(found.result.best_validation_loss, 0.01) << deviation;
  }
}

TEST(PolicyGradient, TellsWhatEpisodesBrought) {
  PolicyGradientOptions options = some_options("reinforce");
  ThreadPool pool(1);
  Network<float> network("lstm 6, dense 3", 2, 5);
  PolicyGradient<float> learner({network, recall(), pool}, options);
  double right = 0;
  std::size_t count = 0;
  for (std::size_t update = 0; update < 20; ++update) {
    const LearningStep came = learner.step({0, update, update, 0});
    EXPECT_EQ(came.count, 5u);
    EXPECT_EQ(came.sequences, 5u);
    EXPECT_GT(came.gradient_norm, 0);
    EXPECT_EQ(came.learning_rate, 0.01);
    right -= came.loss, count += came.count;
  }
  EXPECT_NEAR(right / static_cast<double>(count), 0.5, 4 * 0.5 / std::sqrt(100));
}

TEST(PolicyGradient, NumbersThatFailAreTold) {
  PolicyGradientOptions options = some_options("a2c");
  options.schedule.learning_rate = 1e30;
  options.optimizer.name = "sgd";
  EXPECT_THAT([&] { run<float>("rnn 4 activation=relu, dense 3", recall(), options, {.epochs = 5}); },
              ThrowsMessage<TrainingError>(HasSubstr("a lower learning_rate may help")));
}

TEST(PolicyGradient, OptionsOutOfRangeAreNamed) {
  const auto refusal = [](auto change, const std::string& what, const std::string& spec = "lstm 2, dense 3") {
    PolicyGradientOptions options = some_options("ppo");
    change(options);
    EXPECT_THAT([&] { run<float>(spec, recall(), options, {.epochs = 1}); },
                ThrowsMessage<SettingError>(HasSubstr(what)));
  };
  refusal([](auto& o) { o.algorithm = "sarsa"; },
          "algorithm: found \"sarsa\", expected reinforce, a2c or ppo");
  refusal([](auto& o) { o.rows = 0; }, "rows: found 0, expected from 1 to 1024");
  refusal([](auto& o) { o.minibatches = 6; }, "minibatches: found 6, expected from 1 to 5");
  refusal([](auto& o) { o.discount = 1.5; }, "discount: found 1.5, expected from 0 to 1");
  refusal([](auto& o) { o.lambda = std::nan(""); }, "lambda: found nan");
  refusal([](auto& o) { o.loss.clip = 0; }, "clip: found 0, expected a number above 0");
  refusal([](auto& o) { o.loss.entropy_weight = -1; }, "entropy_weight: found -1");
  refusal([](auto& o) { o.passes = 0; }, "passes: found 0");
  refusal([](auto& o) { o.rollouts = 0; }, "rollouts: found 0");
  refusal([](auto& o) { o.deviation = -1; }, "deviation: found -1");
  const auto same = [](auto&) {};
  refusal(same, "found 2 inputs and 2 outputs, expected 2 and 3, the last one for the value",
          "lstm 2, dense 2");
  refusal(same, "looks at steps to come", "bidirectional(lstm 2), dense 3");
  refusal(same, "drop_connect and weight_noise", "lstm 2 weight_noise=0.1, dense 3");
}

}  // namespace
}  // namespace carousel
