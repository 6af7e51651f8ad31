// Evolino's readout and its judgement, each step of a free run taken by hand.
#include "training/evolino/linear_readout.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include "kernels/normal.h"
#include "training/evolino/evolino.h"
#include "training/learning_run.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Sequences<double> random_sequences(std::vector<std::size_t> lengths, std::size_t features,
                                   std::uint64_t seed) {
  Sequences<double> result(std::move(lengths), features);
  kernels::fill_normal(Random(seed, 0), 0, result.values().data(), result.values().size());
  return result;
}

Stretch<double> some_stretch(std::size_t features, std::size_t washout, std::uint64_t seed) {
  const std::vector<std::size_t> lengths = {9, 30, 14};
  return {random_sequences(lengths, features, seed), random_sequences(lengths, 2, seed + 1), washout};
}

/// Outputs of one sequence of a stretch, step by step.
std::vector<std::vector<double>> by_hand(const Network<double>& network, const Stretch<double>& stretch,
                                         std::size_t b, double feedback, bool free) {
  Tensor<double> state = network.start(1);
  AlignedVector<double> scratch(network.step_scratch(1));
  std::vector<double> back(2);
  std::vector<std::vector<double>> outputs;
  for (std::size_t t = 0; t < stretch.targets.layout().length(b); ++t) {
    std::vector<double> x(stretch.inputs.at(b, t).begin(), stretch.inputs.at(b, t).end()), y(2);
    for (const double value : back) x.push_back(feedback * value);
    network.step({x.data(), 1, x.size()}, state.matrix(), {y.data(), 1, 2}, scratch.data());
    back.assign(stretch.targets.at(b, t).begin(), stretch.targets.at(b, t).end());
    if (free && t >= stretch.washout) back = y;
    outputs.push_back(y);
  }
  return outputs;
}

TEST(Stretch, AFreeRunFeedsOutputsBackBehindTheWashout) {
  const Network<double> network("lstm 5, dense 2", 5, 3);
  const Stretch<double> stretch = some_stretch(3, 4, 10);
  const Sequences<double> found = free_run(network, stretch, 0.5);
  for (std::size_t b = 0; b < 3; ++b) {
    const auto expected = by_hand(network, stretch, b, 0.5, true);
    for (std::size_t t = 0; t < expected.size(); ++t)
      for (std::size_t o = 0; o < 2; ++o) EXPECT_EQ(found.at(b, t)[o], expected[t][o]) << b << " " << t;
  }
}

TEST(Stretch, TheErrorIsNormalisedByTheVariationBehindTheWashout) {
  Stretch<double> stretch{Sequences<double>({3, 2}, 0), Sequences<double>({3, 2}, 1), 1};
  Sequences<double> y({3, 2}, 1);
  stretch.targets.at(0, 0)[0] = 100, y.at(0, 0)[0] = -100;
  stretch.targets.at(0, 1)[0] = 1, stretch.targets.at(0, 2)[0] = 2, stretch.targets.at(1, 1)[0] = 6;
  y.at(0, 1)[0] = 2, y.at(0, 2)[0] = 2, y.at(1, 1)[0] = 4;
  EXPECT_DOUBLE_EQ(normalised_error(y, stretch), 5.0 / 14);  // (1 + 0 + 4) / (4 + 1 + 9)
  y.at(1, 1)[0] = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(std::isnan(normalised_error(y, stretch)));
}

TEST(LinearReadout, IsTheLeastSquaresSolutionAndTheLossThatOfTheWholeNetwork) {
  for (const bool free : {false, true})
    for (const double ridge : {0.0, 0.25}) {
      const Network<double> network("lstm 4, lstm 3, dense 2", 3, 5);
      const LinearReadoutTask<double> task{network, some_stretch(1, 2, 20), some_stretch(1, 5, 30), 0.3, free,
                                           ridge};
      AlignedVector<double> weights(network.weights().begin(), network.weights().end());
      const double loss = LinearReadout<double>(task).solve(weights);

      // phi by a network without a readout, the readout by normal equations with a column of ones.
      Network<double> hidden("lstm 4, lstm 3", 3);
      hidden.set_weights(network.weights().first(hidden.weights().size()));
      std::vector<double> rows, targets;
      for (std::size_t b = 0; b < 3; ++b) {
        Tensor<double> state = hidden.start(1);
        AlignedVector<double> scratch(hidden.step_scratch(1));
        for (std::size_t t = 0; t < task.fit.targets.layout().length(b); ++t) {
          double x[3] = {task.fit.inputs.at(b, t)[0]}, phi[3];
          for (std::size_t o = 0; o < 2 && t > 0; ++o) x[1 + o] = 0.3 * task.fit.targets.at(b, t - 1)[o];
          hidden.step({x, 1, 3}, state.matrix(), {phi, 1, 3}, scratch.data());
          if (t < 2) continue;
          rows.insert(rows.end(), {phi[0], phi[1], phi[2], 1});
          targets.insert(targets.end(), task.fit.targets.at(b, t).begin(), task.fit.targets.at(b, t).end());
        }
      }
      using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
      const auto count = static_cast<Eigen::Index>(rows.size() / 4);
      const Eigen::Map<Matrix> x(rows.data(), count, 4), d(targets.data(), count, 2);
      Matrix normal = x.transpose() * x;
      for (Eigen::Index i = 0; i < 3; ++i) normal(i, i) += ridge;
      const Matrix solution = normal.ldlt().solve(x.transpose() * d);
      const std::size_t begin = readout_begin(network);
      for (std::size_t o = 0; o < 2; ++o) {
        const auto column = static_cast<Eigen::Index>(o);
        for (std::size_t h = 0; h < 3; ++h)
          EXPECT_NEAR(weights[begin + 3 * o + h], solution(static_cast<Eigen::Index>(h), column), 1e-9);
        EXPECT_NEAR(weights[begin + 6 + o], solution(3, column), 1e-9);
      }
      for (std::size_t i = 0; i < begin; ++i) EXPECT_EQ(weights[i], network.weights()[i]);

      Network<double> whole("lstm 4, lstm 3, dense 2", 3);
      whole.set_weights(weights);
      Sequences<double> y(task.judge.targets.layout_pointer(), 2);
      for (std::size_t b = 0; b < 3; ++b) {
        const auto outputs = by_hand(whole, task.judge, b, 0.3, free);
        for (std::size_t t = 0; t < outputs.size(); ++t) std::ranges::copy(outputs[t], y.at(b, t).begin());
      }
      EXPECT_EQ(loss, normalised_error(y, task.judge));
    }
}

TEST(LinearReadout, StepsWithoutATargetAreAsGoodAsCutOff) {
  const Network<double> network("lstm 4, dense 2", 3, 5);
  Stretch<double> cut{random_sequences({9, 12}, 3, 7), random_sequences({9, 12}, 2, 8), 2};
  Stretch<double> missing{random_sequences({9, 30}, 3, 9), Sequences<double>({9, 30}, 2), 2};
  missing.targets.fill(1);
  for (std::size_t b = 0; b < 2; ++b)
    for (std::size_t t = 0; t < cut.targets.layout().length(b); ++t) {
      std::ranges::copy(cut.inputs.at(b, t), missing.inputs.at(b, t).begin());
      std::ranges::copy(cut.targets.at(b, t), missing.targets.at(b, t).begin());
    }
  for (std::size_t t = 12; t < 30; ++t)
    missing.targets.at(1, t)[t % 2] = std::numeric_limits<double>::quiet_NaN();  // half of a step's targets
  const LinearReadoutTask<double> short_task{.network = network, .fit = cut, .judge = cut},
      long_task{.network = network, .fit = missing, .judge = missing};
  AlignedVector<double> expected(network.weights().begin(), network.weights().end()), found = expected;
  EXPECT_EQ(LinearReadout<double>(short_task).solve(expected), LinearReadout<double>(long_task).solve(found));
  EXPECT_EQ(found, expected);
}

TEST(LinearReadout, GroupsAreThoseOfHiddenUnits) {
  const Network<double> network("lstm 4, rnn 3, dense 2", 2);
  const auto groups = evolved_groups(network);
  ASSERT_EQ(groups.size(), 7u);
  std::size_t places = 0;
  for (const WeightGroup& group : groups) places += group.size();
  EXPECT_EQ(places, readout_begin(network));
  EXPECT_EQ(network.weights().size() - places, 8u);
}

TEST(LinearReadout, OverflowInsideIsALossThatIsNoNumber) {
  const Network<double> network("rnn 2 activation=relu, dense 1", 1, 1);
  Stretch<double> stretch{random_sequences({2000}, 1, 1), random_sequences({2000}, 1, 2), 10};
  AlignedVector<double> weights(network.weights().size(), 3);
  EXPECT_TRUE(
      std::isnan(LinearReadout<double>(LinearReadoutTask<double>{network, stretch, stretch}).solve(weights)));
}

TEST(LinearReadout, WhatCannotBeIsRefused) {
  const auto refused = [](const char* spec, auto change, const std::string& what) {
    const Network<double> network(spec, 3);
    LinearReadoutTask<double> task{network, some_stretch(1, 2, 20), some_stretch(1, 5, 30), 0.3, true, 0};
    change(task);
    EXPECT_THAT([&] { LinearReadout<double>{task}; }, ThrowsMessage<Error>(HasSubstr(what)));
  };
  const auto nothing = [](auto&) {};
  refused("lstm 4, dense 2 tanh", nothing, "expected hidden layers and behind them 'dense 2'");
  refused("lstm 2", nothing, "behind them 'dense 2'");
  refused("dense 2", nothing, "layers: found dense 2");
  refused("bidirectional(lstm 4), dense 2", nothing, "forward in time");
  refused("lstm 4, dense 3", nothing, "expected inputs [T, B, 0] and targets [T, B, 3], got 1 and 2");
  refused(
      "lstm 4, dense 2", [](auto& t) { t.feedback.reset(); }, "free_run");
  refused(
      "lstm 4, dense 2", [](auto& t) { t.ridge = -1; }, "ridge: found -1");
  refused(
      "lstm 4, dense 2", [](auto& t) { t.judge.washout = 9; },
      "judge: expected sequences of more than the 9 steps");
  refused(
      "lstm 4, dense 2", [](auto& t) { t.judge.targets.fill(1); }, "finite and change");
  refused(
      "lstm 4, dense 2",
      [](auto& t) {
        t.fit.inputs = random_sequences({9, 29, 14}, 1, 0);
      },
      "fit: inputs and targets");
}

// The paper's task in small: the sum of two sines, which the network goes on with by itself.
TEST(LinearReadout, EvolinoGoesOnWithTwoSines) {
  const auto sines = [](std::size_t steps, std::size_t washout) {
    Stretch<double> result{Sequences<double>({steps}, 0), Sequences<double>({steps}, 1), washout};
    for (std::size_t t = 0; t < steps; ++t) {
      const double x = static_cast<double>(t);
      result.targets.at(0, t)[0] = std::sin(0.2 * x) + std::sin(0.311 * x);
    }
    return result;
  };
  const Network<double> network("lstm 10 input_activation=identity, dense 1 bias=off", 1);
  const LinearReadoutTask<double> task{network, sines(200, 50), sines(200, 50), 1e-3, true};
  ThreadPool pool(2);
  Evolino<double> learner({.weights = {network.weights().begin(), network.weights().end()},
                           .groups = evolved_groups(network),
                           .make_readout = [&] { return std::make_unique<LinearReadout<double>>(task); },
                           .pool = pool},
                          {.subpopulations = {.members = 12}});
  LearningRun<double> run(learner, {.epochs = 4});
  run.run();
  Network<double> best("lstm 10 input_activation=identity, dense 1 bias=off", 1);
  best.set_weights(run.best_weights());
  const Stretch<double> test = sines(350, 200);
  EXPECT_LT(normalised_error(free_run(best, test, 1e-3), test), 1e-4);
}

}  // namespace
}  // namespace carousel
