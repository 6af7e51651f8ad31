// Distributions over acts against their formulas, differences and many draws.
#include "training/policy_gradient/policy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "support/gradient_check.h"

namespace carousel {
namespace {

std::vector<double> some_outputs(std::size_t n) {
  std::vector<double> y(n);
  for (std::size_t i = 0; i < n; ++i) y[i] = Random(3, 1).uniform(i, -2, 2);
  return y;
}

/// The derivatives of a sum over rows of 0.3 r log p + (1 - r) H.
void expect_derivatives(const Policy<double>& policy, const std::vector<float>& acts) {
  const std::size_t rows = acts.size() / policy.numbers(), n = policy.outputs();
  std::vector<double> y = some_outputs(rows * n), gradient(y.size());
  ActLikelihood<double> found;
  const auto judge = [&] { policy.judge({y.data(), rows, n}, {acts.data(), rows, policy.numbers()}, found); };
  const auto weight = [](std::size_t r) { return 0.3 * static_cast<double>(r); };
  judge();
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t k = 0; k < n; ++k)
      gradient[r * n + k] =
          weight(r) * found.dlog_probability.matrix()(r, k) + (1 - weight(r)) * found.dentropy.matrix()(r, k);
  EXPECT_TRUE(testing::gradient_matches("outputs", y, gradient, [&] {
    judge();
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r)
      sum += weight(r) * found.log_probabilities[r] + (1 - weight(r)) * found.entropies[r];
    return sum;
  }));
}

TEST(Policy, CategoricalIsTheSoftmax) {
  const CategoricalPolicy<double> policy(3);
  const std::vector<double> y = {std::log(0.5), std::log(0.3), std::log(0.2)};
  const float act = 1;
  ActLikelihood<double> found;
  policy.judge({y.data(), 1, 3}, {&act, 1, 1}, found);
  EXPECT_NEAR(found.log_probabilities[0], std::log(0.3), 1e-14);
  EXPECT_NEAR(found.entropies[0], -(0.5 * std::log(0.5) + 0.3 * std::log(0.3) + 0.2 * std::log(0.2)), 1e-14);
  expect_derivatives(policy, {0, 1, 2, 1});
}

TEST(Policy, CategoricalDrawsEachActAsOftenAsItIsLikely) {
  const CategoricalPolicy<float> policy(3);
  const std::vector<float> y = {std::log(0.5f), std::log(0.3f), std::log(0.2f)};
  std::vector<float> scratch(3);
  std::size_t counts[3] = {};
  constexpr std::size_t n = 100'000;
  for (std::size_t i = 0; i < n; ++i) {
    float act;
    policy.draw(y, Random(7, 2), i, {&act, 1}, scratch);
    ++counts[static_cast<std::size_t>(act)];
  }
  const double expected[] = {0.5, 0.3, 0.2};
  for (std::size_t k = 0; k < 3; ++k)
    EXPECT_NEAR(static_cast<double>(counts[k]) / n, expected[k],
                4 * std::sqrt(expected[k] * (1 - expected[k]) / n));
}

TEST(Policy, GaussianIsItsDensity) {
  const GaussianPolicy<double> policy(1, 0.5);
  ASSERT_EQ(policy.outputs(), 1u);
  const double mean = 0.25;
  const float act = 1;
  ActLikelihood<double> found;
  policy.judge({&mean, 1, 1}, {&act, 1, 1}, found);
  const double density =
      std::exp(-0.5 * std::pow((1 - 0.25) / 0.5, 2)) / (0.5 * std::sqrt(2 * std::numbers::pi));
  EXPECT_NEAR(found.log_probabilities[0], std::log(density), 1e-13);
  EXPECT_NEAR(found.entropies[0], 0.5 * std::log(2 * std::numbers::pi * std::numbers::e * 0.25), 1e-13);
  const std::vector<float> acts = {0.5f, -1, 2, 0.25f, -3, 1};
  expect_derivatives(GaussianPolicy<double>(2, 0.7), acts);
  expect_derivatives(GaussianPolicy<double>(2, 0), acts);
}

TEST(Policy, GaussianDrawsWithTheDeviationThatItPutsOut) {
  const GaussianPolicy<double> policy(2, 0);
  ASSERT_EQ(policy.outputs(), 4u);
  const double limit = GaussianPolicy<double>::kLimit;
  const std::vector<double> y = {3, -1, limit * std::atanh(std::log(0.5) / limit), 0};
  std::vector<double> scratch(4);
  double sums[2] = {}, squares[2] = {};
  constexpr std::size_t n = 100'000;
  for (std::size_t i = 0; i < n; ++i) {
    float act[2];
    policy.draw(y, Random(7, 2), 2 * i, act, scratch);
    for (std::size_t k = 0; k < 2; ++k) sums[k] += act[k], squares[k] += std::pow(act[k] - y[k], 2);
  }
  const double deviations[] = {0.5, 1};
  for (std::size_t k = 0; k < 2; ++k) {
    EXPECT_NEAR(sums[k] / n, y[k], 4 * deviations[k] / std::sqrt(n));
    EXPECT_NEAR(std::sqrt(squares[k] / n), deviations[k], 0.02 * deviations[k]);
  }
}

}  // namespace
}  // namespace carousel
