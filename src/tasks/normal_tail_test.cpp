#include "tasks/normal_tail.h"

#include <gtest/gtest.h>

#include <cmath>

namespace carousel {
namespace {

TEST(NormalTail, agrees_with_the_error_function_of_the_library) {
  for (double z = -5; z < 37; z += 0.01) {
    const double expected = -std::log10(0.5 * std::erfc(z / std::sqrt(2.0)));
    EXPECT_NEAR(normal_tail_score(z), expected, 1e-10 + 1e-11 * expected) << z;
  }
}

TEST(NormalTail, agrees_with_published_values_far_out) {
  // Abramowitz and Stegun, table 26.2: -log10 Q(x) for x = 10, 50 and 500.
  EXPECT_NEAR(normal_tail_score(10), 23.11805, 5e-6);
  EXPECT_NEAR(normal_tail_score(50), 544.96634, 5e-6);
  EXPECT_NEAR(normal_tail_score(500), 54289.90830, 5e-6);
}

TEST(NormalTail, ends_at_nothing_below) {
  EXPECT_EQ(normal_tail_score(-8), 0);
  EXPECT_EQ(normal_tail_score(-1e300), 0);
  EXPECT_TRUE(std::isnan(normal_tail_score(std::nan(""))));
}

}  // namespace
}  // namespace carousel
