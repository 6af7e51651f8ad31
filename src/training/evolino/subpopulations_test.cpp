// Enforced sub-populations: who meets whom, who is kept, and what children are made of.
#include "training/evolino/subpopulations.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <set>

#include "base/random.h"

namespace carousel {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kOrigin[7] = {};

/// Three groups of 2, 1 and 3 weights among 7.
std::vector<WeightGroup> some_groups() { return {{0, 4}, {1}, {2, 5, 6}}; }

/// Member m of the first group of some_groups() has the genes 10 m + 1 and 10 m + 2, and so on.
AlignedVector<double> told_apart(std::size_t members) {
  AlignedVector<double> result;
  for (const std::size_t size : {2, 1, 3})
    for (std::size_t m = 0; m < members; ++m)
      for (std::size_t j = 1; j <= size; ++j) result.push_back(static_cast<double>(10 * m + j));
  return result;
}

std::vector<double> network_of(const Subpopulations<double>& all, std::vector<std::size_t> partners) {
  std::vector<double> weights(7, -1);
  all.assemble(partners, weights);
  return weights;
}

TEST(Subpopulations, EachTrialIsAPermutationOfEachGroup) {
  const Subpopulations<double> all(some_groups(), kOrigin, {.members = 8, .trials = 5, .seed = 3});
  ASSERT_EQ(all.networks(), 40u);
  std::set<std::vector<std::size_t>> seen;
  for (std::size_t generation = 0; generation < 4; ++generation)
    for (std::size_t trial = 0; trial < 5; ++trial) {
      std::vector<std::vector<std::size_t>> times(3, std::vector<std::size_t>(8));
      std::vector<std::vector<std::size_t>> orders(3);
      for (std::size_t i = 0; i < 8; ++i) {
        const auto partners = all.partners(generation, 8 * trial + i);
        for (std::size_t g = 0; g < 3; ++g) ++times[g].at(partners[g]), orders[g].push_back(partners[g]);
      }
      for (std::size_t g = 0; g < 3; ++g) {
        EXPECT_THAT(times[g], Each(1u));
        EXPECT_TRUE(seen.insert(orders[g]).second) << "drawn twice";
      }
    }
}

TEST(Subpopulations, ANetworkHasOneMemberOfEachGroup) {
  Subpopulations<double> all(some_groups(), kOrigin, {.members = 4});
  all.set_members(told_apart(4));
  EXPECT_EQ(network_of(all, {2, 0, 3}), (std::vector<double>{21, 1, 31, -1, 22, 32, 33}));
}

TEST(Subpopulations, TheFirstMembersAreSpreadAroundTheWeights) {
  constexpr double kCentres[] = {0, 10, 20, 30, 40};
  const Subpopulations<double> all({{4, 3, 2, 1, 0}}, kCentres, {.members = 4000, .range = 0.5});
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < 20000; ++i) {
    const double w = all.members()[i] - kCentres[4 - i % 5];
    EXPECT_LE(std::abs(w), 0.5);
    sum += w, squares += w * w;
  }
  EXPECT_NEAR(sum / 20000, 0, 0.01);
  EXPECT_NEAR(squares / 20000, 1.0 / 12, 0.002);
}

// Four members, losses by the partners that the networks had: one parent, two children of its own.
TEST(Subpopulations, ARoundByHand) {
  Subpopulations<double> all(some_groups(), kOrigin, {.members = 4, .mutation = 1e-9, .seed = 1});
  all.set_members(told_apart(4));
  std::vector<double> losses;
  for (std::size_t i = 0; i < 4; ++i) losses.push_back(static_cast<double>((all.partners(0, i)[0] + 2) % 4));
  all.evolve(0, losses);
  // Ranks of the first group: 2, 3, 0, 1. The better half stays, the other becomes the best's children.
  const double ranked[] = {2, 3, 2, 2};
  for (std::size_t m = 0; m < 4; ++m) {
    EXPECT_NEAR(all.members()[2 * m], 10 * ranked[m] + 1, 1e-6);
    EXPECT_NEAR(all.members()[2 * m + 1], 10 * ranked[m] + 2, 1e-6);
  }
  EXPECT_EQ(all.members()[0], 21);
  EXPECT_EQ(all.members()[2], 31);
  EXPECT_NE(all.members()[4], all.members()[6]);
}

TEST(Subpopulations, AMemberIsWorthTheSumOfItsTrialsAndWhatIsNoNumberIsTheWorst) {
  Subpopulations<double> all({{0}}, kOrigin, {.members = 4, .trials = 2, .mutation = 1e-9});
  AlignedVector<double> members = {1, 2, 3, 4};
  all.set_members(members);
  const double first[] = {5, kNan, 0, 1}, second[] = {1, 0, 3, 7};  // of each member
  std::vector<double> losses;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::size_t m = all.partners(0, i)[0];
    losses.push_back(i < 4 ? first[m] : second[m]);
  }
  all.evolve(0, losses);
  EXPECT_EQ(all.members()[0], 3);
  EXPECT_EQ(all.members()[1], 1);
  EXPECT_NEAR(all.members()[2], 3, 1e-6);
  EXPECT_NEAR(all.members()[3], 3, 1e-6);
}

TEST(Subpopulations, ChildrenComeInPairsThatShareTwoOfTheBestQuarter) {
  const std::size_t n = 32, size = 6;
  Subpopulations<double> all({{0, 1, 2, 3, 4, 5}}, kOrigin, {.members = n, .mutation = 1e-12, .seed = 9});
  AlignedVector<double> members;
  for (std::size_t m = 0; m < n; ++m)
    for (std::size_t j = 0; j < size; ++j) members.push_back(static_cast<double>(10 * m + j));
  all.set_members(members);
  std::vector<double> losses;
  for (std::size_t i = 0; i < n; ++i) losses.push_back(static_cast<double>(all.partners(0, i)[0]));
  all.evolve(0, losses);  // members are ranked as they are
  const auto parent = [&](std::size_t m, std::size_t j) {
    return std::lround(all.members()[m * size + j] - static_cast<double>(j)) / 10;
  };
  std::set<std::size_t> cuts;
  for (std::size_t k = 0; k < n / 4; ++k) {
    const std::size_t child = n / 2 + 2 * k;
    const long one = parent(child, 0), other = parent(child + 1, 0);
    EXPECT_EQ(one, static_cast<long>(k));
    EXPECT_NE(other, one);
    EXPECT_LT(other, static_cast<long>(n / 4));
    std::size_t cut = 0;
    while (cut < size && parent(child, cut) == one) ++cut;
    ASSERT_LT(cut, size);
    cuts.insert(cut);
    for (std::size_t j = 0; j < size; ++j) {
      EXPECT_EQ(parent(child, j), j < cut ? one : other);
      EXPECT_EQ(parent(child + 1, j), j < cut ? other : one);
    }
  }
  EXPECT_GT(cuts.size(), 1u);
}

// A Cauchy variable is below a tan(pi (p - 1/2)) with probability p.
TEST(Subpopulations, ABurstIsCauchyNoiseAroundTheBest) {
  const std::size_t n = 4000, size = 20;
  WeightGroup group(size);
  for (std::size_t j = 0; j < size; ++j) group[j] = j;
  Subpopulations<double> all({group}, std::vector<double>(size), {.members = n, .mutation = 0.25});
  std::vector<double> best(size);
  for (std::size_t j = 0; j < size; ++j) best[j] = static_cast<double>(j);
  all.burst(5, best);
  std::vector<double> noise;
  for (std::size_t m = 0; m < n; ++m)
    for (std::size_t j = 0; j < size; ++j) {
      const double made = all.members()[m * size + j];
      if (m == 0)
        EXPECT_EQ(made, best[j]);
      else
        noise.push_back(made - best[j]);
    }
  const double count = static_cast<double>(noise.size());
  for (const double p : {0.001, 0.01, 0.1, 0.25, 0.5, 0.6, 0.75, 0.9, 0.999}) {
    const double quantile = 0.25 * std::tan(std::numbers::pi * (p - 0.5));
    const auto below = std::ranges::count_if(noise, [&](double x) { return x < quantile; });
    EXPECT_NEAR(static_cast<double>(below) / count, p, 4 * std::sqrt(p * (1 - p) / count)) << p;
  }
  EXPECT_THAT(noise, Each(::testing::Truly([](double x) { return std::isfinite(x); })));
}

TEST(Subpopulations, WhatCannotBeIsNamed) {
  const auto refusal = [](SubpopulationOptions options, const std::string& what) {
    EXPECT_THAT([&] { Subpopulations<double>({{0}}, kOrigin, options); },
                ThrowsMessage<SettingError>(HasSubstr(what)));
  };
  refusal({.members = 6}, "members: found 6, expected a multiple of 4");
  refusal({.members = 0}, "members: found 0");
  refusal({.trials = 0}, "trials: found 0");
  refusal({.range = kNan}, "range: found nan");
  refusal({.mutation = 0}, "mutation: found 0");
  EXPECT_THROW(Subpopulations<double>({}, kOrigin, {}), Error);
  EXPECT_THROW(Subpopulations<double>({{0}, {}}, kOrigin, {}), Error);
}

}  // namespace
}  // namespace carousel
