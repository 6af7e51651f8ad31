#include "kernels/normal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace carousel::kernels {
namespace {

TEST(Normal, QuantileIsTheInverseOfTheDistributionFunction) {
  for (double p : {1e-9, 1e-6, 1e-3, 0.02, 0.074, 0.076, 0.3, 0.5, 0.7, 0.93, 0.999, 1 - 1e-7}) {
    const double x = normal_quantile(p), back = 0.5 * std::erfc(-x / std::sqrt(2.0));
    const double density = std::exp(-0.5 * x * x) / std::sqrt(2 * std::acos(-1.0));
    EXPECT_NEAR(back, p, density * std::abs(x) * 2e-7 + 1e-16) << p;
  }
}

TEST(Normal, NumbersHaveTheMomentsAndTheTailsOfTheDistribution) {
  std::vector<double> x(200'000);
  fill_normal(Random(3, 5), 0, x.data(), x.size());
  double sum = 0, squares = 0, fourth = 0, beyond = 0;
  for (double v : x) {
    sum += v;
    squares += v * v;
    fourth += v * v * v * v;
    beyond += std::abs(v) > 2 ? 1 : 0;
  }
  const auto n = static_cast<double>(x.size());
  EXPECT_NEAR(sum / n, 0, 0.01);
  EXPECT_NEAR(squares / n, 1, 0.015);
  EXPECT_NEAR(fourth / n, 3, 0.1);
  EXPECT_NEAR(beyond / n, 0.0455, 0.002);
}

TEST(Normal, ANumberDependsOnItsIndexAlone) {
  const Random random(9, 1);
  std::vector<float> whole(1000), part(37);
  fill_normal(random, 0, whole.data(), whole.size());
  for (std::size_t first : {0, 1, 2, 3, 500, 963}) {
    fill_normal(random, first, part.data(), part.size());
    for (std::size_t j = 0; j < part.size(); ++j) EXPECT_EQ(part[j], whole[first + j]);
  }
}

}  // namespace
}  // namespace carousel::kernels
