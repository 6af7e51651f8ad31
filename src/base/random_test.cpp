#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace carousel {
namespace {

using Block = std::array<std::uint32_t, 4>;

// Known answers published with the reference implementation (Random123 1.09, kat_vectors).
TEST(Random, PhiloxKnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, AValueDependsOnSeedStreamAndIndexOnly) {
  const Random a(7, 3), b(7, 3), other_stream(7, 4), other_seed(8, 3);
  EXPECT_EQ(a.bits(1000), b.bits(1000));
  EXPECT_NE(a.bits(1000), other_stream.bits(1000));
  EXPECT_NE(a.bits(1000), other_seed.bits(1000));
}

TEST(Random, CounterAndKeyAreIndexStreamAndSeed) {
  const std::uint64_t seed = 0x299f31d0a4093822, stream = 0x0370734413198a2e, number = 0x85a308d3243f6a88;
  const Random random(seed, stream);
  const Block expected{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};  // the third known answer
  EXPECT_EQ(random.block(number), expected);
  const Random other(3, 4);
  for (std::uint64_t i = 0; i < 12; ++i) EXPECT_EQ(other.bits(i), other.block(i / 4)[i % 4]);
}

TEST(Random, BelowReachesEveryNumberAndNoOther) {
  const Random random(2, 0);
  for (std::uint64_t n : {1, 2, 7, 10}) {
    std::vector<int> count(n);
    for (std::uint64_t i = 0; i < 1000 * n; ++i) {
      const std::uint64_t value = random.below(i, n);
      ASSERT_LT(value, n);
      ++count[value];
    }
    for (int c : count) EXPECT_NEAR(c, 1000, 150) << n;  // about five standard deviations
  }
}

TEST(Random, UniformHasTheRightMeanAndVariance) {
  const Random random(1, 0);
  double sum = 0, squares = 0;
  constexpr int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double u = random.uniform(i);
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
  }
  EXPECT_NEAR(sum / n, 0.5, 0.005);
  EXPECT_NEAR(squares / n - (sum / n) * (sum / n), 1.0 / 12, 0.002);
}

TEST(Random, ShuffleIsAPermutationAndRepeats) {
  std::vector<int> a(101), b(101), sorted(101);
  std::iota(sorted.begin(), sorted.end(), 0);
  a = b = sorted;
  Random(5, 1).shuffle(a);
  Random(5, 1).shuffle(b);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, sorted);
  std::sort(a.begin(), a.end());
  EXPECT_EQ(a, sorted);
}

}  // namespace
}  // namespace carousel
