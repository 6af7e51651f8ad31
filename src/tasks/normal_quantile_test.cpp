#include "tasks/normal_quantile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace carousel {
namespace {

TEST(NormalQuantile, agrees_with_published_tables) {
  EXPECT_NEAR(normal_quantile(0.5), 0, 1e-12);
  EXPECT_NEAR(normal_quantile(0.9), 1.2815515655446004, 1e-10);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-10);
  EXPECT_NEAR(normal_quantile(0.025), -1.959963984540054, 1e-10);
  EXPECT_NEAR(normal_quantile(0.999), 3.090232306167813, 1e-10);
}

TEST(NormalQuantile, inverts_the_error_function_of_the_library) {
  for (double p = 1e-6; p < 1; p += 0.01)
    EXPECT_NEAR(0.5 * std::erfc(-normal_quantile(p) / std::sqrt(2.0)), p, 1e-13);
}

TEST(NormalProbability, agrees_with_the_error_function_of_the_library) {
  double density = 0;
  for (double x = -12; x <= 12; x += 0.125) {
    EXPECT_NEAR(normal_probability(x, density), 0.5 * std::erfc(-x / std::sqrt(2.0)), 1e-12) << x;
    EXPECT_NEAR(density, std::exp(-0.5 * x * x) / std::sqrt(2 * std::acos(-1.0)), 1e-15) << x;
  }
}

double mixture(const std::vector<double>& weights, const std::vector<double>& means,
               const std::vector<double>& deviations, double p) {
  return mixture_quantile(weights, means, deviations, p, normal_quantile(p));
}

TEST(MixtureQuantile, of_one_component_is_that_of_the_normal_distribution) {
  for (const double p : {0.01, 0.1, 0.5, 0.975})
    EXPECT_NEAR(mixture({1}, {3}, {2}, p), 3 + 2 * normal_quantile(p), 1e-9);
  EXPECT_NEAR(mixture({0.25, 0.75}, {3, 3}, {2, 2}, 0.9), 3 + 2 * normal_quantile(0.9), 1e-9);
}

TEST(MixtureQuantile, inverts_the_distribution_function) {
  const std::vector<double> weights{0.3, 0.6, 0.1}, means{-4, 1, 30}, deviations{0.5, 2, 0.01};
  for (double p = 0.001; p < 1; p += 0.01) {
    const double x = mixture(weights, means, deviations, p);
    double probability = 0;
    for (std::size_t k = 0; k < 3; ++k)
      probability += weights[k] * 0.5 * std::erfc((means[k] - x) / deviations[k] / std::sqrt(2.0));
    EXPECT_NEAR(probability, p, 1e-9) << p;
  }
}

TEST(MixtureQuantile, between_components_that_are_far_apart) {
  // Flat between the two: half of it lies below any point there, and Newton's steps leave the range.
  const double x = mixture({0.5, 0.5}, {-1000, 1000}, {1, 1}, 0.5);
  EXPECT_GT(x, -1000);
  EXPECT_LT(x, 1000);
  EXPECT_NEAR(mixture({0.5, 0.5}, {-1000, 1000}, {1, 1}, 0.25), -1000, 1e-6);
}

}  // namespace
}  // namespace carousel
