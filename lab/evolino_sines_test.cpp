// Evolino's sines: what they are, and that a network of the paper's size goes on with two of them.
#include "lab/evolino_sines.h"

#include <gtest/gtest.h>

#include <cmath>

namespace carousel::lab {
namespace {

TEST(EvolinoSines, AreSumsFromTheFirstFrequencyOn) {
  const auto two = superimposed_sines(2, 700), five = superimposed_sines(5, 700);
  ASSERT_EQ(two.size(), 700u);
  EXPECT_DOUBLE_EQ(two[0], std::sin(0.2) + std::sin(0.311));
  EXPECT_DOUBLE_EQ(five[699] - two[699], std::sin(0.42 * 700) + std::sin(0.51 * 700) + std::sin(0.74 * 700));
}

TEST(EvolinoSines, TwoAreGoneOnWith) {
  const Outcome came = run_evolino_sines({}, 0, 2);
  EXPECT_TRUE(came.met);
  EXPECT_LT(came.figure, 1e-4);
  EXPECT_EQ(came.sequences, 2000u);
}

TEST(EvolinoSines, ARunEndsWhenItIsTold) {
  std::size_t asked = 0;
  const Outcome came = run_evolino_sines({.go_on = [&](double) { return ++asked < 3; }}, 0, 3);
  EXPECT_EQ(came.sequences, 120u);
}

}  // namespace
}  // namespace carousel::lab
