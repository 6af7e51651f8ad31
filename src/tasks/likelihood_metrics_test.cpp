#include "tasks/likelihood_metrics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace carousel {
namespace {

TEST(LikelihoodMetrics, of_equally_likely_symbols) {
  LikelihoodSum sum;
  for (int i = 0; i < 7; ++i) sum.add(std::log(8.0));
  EXPECT_DOUBLE_EQ(sum.nats(), std::log(8.0));
  EXPECT_DOUBLE_EQ(sum.perplexity(), 8);
  EXPECT_DOUBLE_EQ(sum.bits_per_character(), 3);
}

TEST(LikelihoodMetrics, perplexity_is_the_geometric_mean_of_one_over_p) {
  LikelihoodSum sum;
  for (const double p : {0.5, 0.25, 0.8}) sum.add(-std::log(p));
  EXPECT_NEAR(sum.perplexity(), std::cbrt(1 / (0.5 * 0.25 * 0.8)), 1e-14);
}

TEST(LikelihoodMetrics, bits_are_shared_by_all_characters_of_a_symbol) {
  LikelihoodSum words;
  words.add(std::log(16.0), 5);
  words.add(std::log(4.0), 1);
  EXPECT_DOUBLE_EQ(words.bits_per_character(), 1);
  EXPECT_EQ(words.symbols(), 2);
  EXPECT_EQ(words.characters(), 6);
}

TEST(LikelihoodMetrics, of_nothing_are_undefined_and_of_the_impossible_infinite) {
  LikelihoodSum sum;
  EXPECT_TRUE(std::isnan(sum.nats()));
  EXPECT_TRUE(std::isnan(sum.perplexity()));
  EXPECT_TRUE(std::isnan(sum.bits_per_character()));
  sum.add(HUGE_VAL);
  EXPECT_EQ(sum.perplexity(), HUGE_VAL);
}

TEST(LikelihoodMetrics, small_losses_beside_large_ones_are_not_lost) {
  LikelihoodSum sum;
  sum.add(1e16);
  for (int i = 0; i < 1000; ++i) sum.add(0.5);
  EXPECT_EQ(sum.nats(), (1e16 + 500) / 1001);
}

}  // namespace
}  // namespace carousel
