#include "kernels/normal.h"

#include <algorithm>

#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

TEST(Normal, ANumberIsTheQuantileOfItsBits) {
  const Random random(3, 5);
  double lowest = 1, highest = 0;
  std::vector<double> x(100'000);
  fill_normal(random, 0, x.data(), x.size());
  for (std::size_t j = 0; j < x.size(); ++j) {
    const double p = (random.bits(j) + 0.5) * 0x1p-32, back = 0.5 * std::erfc(-x[j] / std::sqrt(2.0));
    const double density = std::exp(-0.5 * x[j] * x[j]) / std::sqrt(2 * std::acos(-1.0));
    ASSERT_NEAR(back, p, density * std::abs(x[j]) * 2e-7 + 1e-16) << j;
    lowest = std::min(lowest, p);
    highest = std::max(highest, p);
  }
  EXPECT_LT(lowest, 1e-4);  // that far out, too
  EXPECT_GT(highest, 1 - 1e-4);
}

TEST(Normal, EveryTargetGivesTheSameBits) {
  Guarded<double> expected(1001), found(1001);
  {
    const ForcedTarget scalar("SCALAR");
    fill_normal(Random(8, 2), 3, expected.data(), expected.size());
  }
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    fill_normal(Random(8, 2), 3, found.data(), found.size());
    EXPECT_TRUE(same_bits(expected, found)) << target;
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
  std::vector<float> whole(2000), part(600);
  fill_normal(random, 0, whole.data(), whole.size());
  for (std::size_t first : {0, 1, 2, 3, 500, 1400}) {
    fill_normal(random, first, part.data(), part.size());
    for (std::size_t j = 0; j < part.size(); ++j) EXPECT_EQ(part[j], whole[first + j]);
  }
}

}  // namespace
}  // namespace carousel::kernels
