#include "tasks/normal_quantile.h"

#include <gtest/gtest.h>

#include <cmath>

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

}  // namespace
}  // namespace carousel
