// Learning from whole sequences: a step against one made by hand, and the mean of the weights.
#include "lab/whole_sequences.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace carousel::lab {
namespace {

struct WholeSequencesTest : ::testing::Test {
  WholeSequencesTest() : x({5}, 2), dy({5}, 1) {
    for (std::size_t i = 0; i < x.values().size(); ++i) x.values()[i] = Random(4, 1).uniform(i, -1, 1);
    for (std::size_t i = 0; i < dy.values().size(); ++i) dy.values()[i] = Random(4, 2).uniform(i, -1, 1);
  }
  double loss() {
    double sum = 0;
    WholeSequences once(network);
    const Sequences<double>& y = once.run(x);
    for (std::size_t t = 0; t < 5; ++t) sum += y.at(0, t)[0] * dy.at(0, t)[0];
    return sum;
  }

  Network<double> network{"lstm_1997 4 cells_per_block=2, dense 1 activation=sigmoid", 2, 7};
  Sequences<double> x, dy;
};

/// Adam's first step is the rate against the sign of each derivative, here by differences.
TEST_F(WholeSequencesTest, TheFirstStepGoesAgainstTheGradient) {
  const std::vector<double> before(network.weights().begin(), network.weights().end());
  std::vector<double> gradient(before.size()), moved(before);
  for (std::size_t k = 0; k < before.size(); ++k) {
    constexpr double h = 1e-5;
    moved[k] = before[k] + h, network.set_weights(moved);
    const double above = loss();
    moved[k] = before[k] - h, network.set_weights(moved);
    gradient[k] = (above - loss()) / (2 * h);
    moved[k] = before[k];
  }
  network.set_weights(before);
  WholeSequences learning(network);
  learning.run(x);
  EXPECT_EQ(learning.steps(), 5u);
  learning.learn(dy, 0.01);
  std::size_t sure = 0;
  for (std::size_t k = 0; k < before.size(); ++k) {
    if (std::abs(gradient[k]) < 1e-4) continue;
    ++sure;
    EXPECT_NEAR(network.weights()[k] - before[k], gradient[k] > 0 ? -0.01 : 0.01, 1e-5) << k;
  }
  EXPECT_GT(sure, before.size() / 2);
}

TEST_F(WholeSequencesTest, InTheMeanWeightsCountLessByAThousandthEachStep) {
  WholeSequences learning(network);
  std::vector<double> sum(network.weights().size(), 0);
  double counted = 0;
  for (int step = 0; step < 20; ++step) {
    learning.run(x);
    learning.learn(dy, 0.01);
    counted = 0.999 * counted + 1;
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] = 0.999 * sum[k] + network.weights()[k];
  }
  learning.take_mean();
  for (std::size_t k = 0; k < sum.size(); ++k) EXPECT_NEAR(network.weights()[k], sum[k] / counted, 1e-13);
}

}  // namespace
}  // namespace carousel::lab
