// The Mackey-Glass series against its closed form while the delayed value is constant, and against itself
// with steps of half the length.
#include "lab/mackey_glass.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace carousel::lab {
namespace {

TEST(MackeyGlass, IsTheClosedFormWhileTheDelayedValueIsConstant) {
  for (const double c : {0.5, 1.2}) {
    const auto x = mackey_glass({.before = c}, 0, 18);
    const double rest = 2 * c / (1 + std::pow(c, 10));  // 0.2 ... / 0.1
    for (std::size_t t = 0; t < x.size(); ++t)
      EXPECT_NEAR(x[t], rest + (c - rest) * std::exp(-0.1 * static_cast<double>(t)), 1e-9) << t;
  }
}

// Fourth order: the error of half the step is a sixteenth. Before chaos makes all errors large.
TEST(MackeyGlass, ConvergesWithTheFourthPowerOfTheStep) {
  const auto exact = mackey_glass({.steps_of_a_unit = 320}, 0, 120);
  const auto error = [&](std::size_t steps) {
    const auto x = mackey_glass({.steps_of_a_unit = steps}, 0, 120);
    double most = 0;
    for (std::size_t t = 0; t < x.size(); ++t) most = std::max(most, std::abs(x[t] - exact[t]));
    return most;
  };
  EXPECT_LT(error(10), 1e-6);
  for (const std::size_t steps : {5, 10}) {
    const double ratio = error(steps) / error(2 * steps);
    EXPECT_GT(ratio, 12);
    EXPECT_LT(ratio, 20);
  }
}

TEST(MackeyGlass, BeginsWhereItIsAskedTo) {
  const auto whole = mackey_glass({.tau = 5}, 0, 40), part = mackey_glass({.tau = 5}, 30, 10);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 30));
}

// tau = 17 stays between 0.2 and 1.4, does not settle, and two neighbours part.
TEST(MackeyGlass, IsChaoticForADelayOf17) {
  const auto one = mackey_glass({}, 1000, 3000), other = mackey_glass({.before = 1.2 + 1e-6}, 1000, 3000);
  const auto [low, high] = std::ranges::minmax(one);
  EXPECT_GT(low, 0.2);
  EXPECT_LT(high, 1.4);
  EXPECT_GT(high - low, 0.8);
  double apart = 0;
  for (std::size_t t = 2500; t < 3000; ++t) apart = std::max(apart, std::abs(one[t] - other[t]));
  EXPECT_GT(apart, 0.1);
}

}  // namespace
}  // namespace carousel::lab
