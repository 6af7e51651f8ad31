#include "tasks/pair_batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace carousel {
namespace {

using ::testing::ElementsAre;

/// Pair k: source k of 1 + k % 7 symbols, target of 1 + k % 5.
SymbolPairs some_pairs(std::size_t count) {
  SymbolPairs pairs;
  for (std::size_t k = 0; k < count; ++k) {
    pairs.sources.add(std::vector<std::size_t>(1 + k % 7, k));
    pairs.targets.add(std::vector<std::size_t>(1 + k % 5, k + 1));
  }
  return pairs;
}

TEST(PairBatches, LinesAreWhatWasAdded) {
  SymbolLines lines;
  for (const auto& line : {std::vector<std::size_t>{3, 1}, {}, {7}}) lines.add(line);
  EXPECT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], ElementsAre(3, 1));
  EXPECT_THAT(lines[1], ElementsAre());
  EXPECT_THAT(lines[2], ElementsAre(7));
}

TEST(PairBatches, AnEpochHasEveryPairOnceAndWhole) {
  const SymbolPairs pairs = some_pairs(403);
  const PairBatches batches = PairBatches::training(pairs, 4, 1);
  ASSERT_EQ(batches.batches(2), 101u);
  std::multiset<float> seen;
  for (std::size_t index = 0; index < batches.batches(2); ++index) {
    const Batch<float> batch = batches.get(2, index);
    EXPECT_TRUE(batch.carry.empty());
    for (std::size_t b = 0; b < batch.x.layout().batch(); ++b) {
      const float k = batch.x.at(b, 0)[0];
      seen.insert(k);
      const auto number = static_cast<std::size_t>(k);
      ASSERT_EQ(batch.x.layout().length(b), 1 + number % 7);
      ASSERT_EQ(batch.targets.layout().length(b), 1 + number % 5);
      for (std::size_t t = 0; t < 1 + number % 7; ++t) EXPECT_EQ(batch.x.at(b, t)[0], k);
      for (std::size_t t = 0; t < 1 + number % 5; ++t) EXPECT_EQ(batch.targets.at(b, t)[0], k + 1);
    }
  }
  EXPECT_EQ(seen.size(), 403u);
  EXPECT_EQ(std::set<float>(seen.begin(), seen.end()).size(), 403u);
}

TEST(PairBatches, OrderIsOfSeedAndEpochAlone) {
  const SymbolPairs pairs = some_pairs(200);
  const auto order = [&](std::uint64_t seed, std::size_t epoch) {
    const PairBatches batches = PairBatches::training(pairs, 8, seed);
    std::vector<std::size_t> all;
    for (std::size_t index = 0; index < batches.batches(epoch); ++index)
      std::ranges::copy(batches.numbers(epoch, index), std::back_inserter(all));
    return all;
  };
  EXPECT_EQ(order(5, 3), order(5, 3));
  EXPECT_NE(order(5, 3), order(5, 4));
  EXPECT_NE(order(5, 3), order(6, 3));
  // Asked for out of turn.
  const PairBatches batches = PairBatches::training(pairs, 8, 5);
  const std::vector<std::size_t> last(batches.numbers(3, 24).begin(), batches.numbers(3, 24).end());
  batches.get(4, 0);
  EXPECT_TRUE(std::ranges::equal(batches.numbers(3, 24), last));
}

/// In a batch of a whole window's sort lengths differ little; in batches cut from a plain shuffle they would
/// differ by 4 in most.
TEST(PairBatches, LengthsInABatchAreAlike) {
  const SymbolPairs pairs = some_pairs(2000);
  const PairBatches batches = PairBatches::training(pairs, 10, 1);
  std::size_t differ = 0;
  for (std::size_t index = 0; index < batches.batches(0); ++index) {
    std::set<std::size_t> lengths;
    for (const std::size_t number : batches.numbers(0, index)) lengths.insert(pairs.targets[number].size());
    EXPECT_LE(lengths.size(), 2u);
    differ += lengths.size() > 1;
  }
  EXPECT_LT(differ, 40u);
}

TEST(PairBatches, ValidationIsSortedAndTheSameInEveryEpoch) {
  const SymbolPairs pairs = some_pairs(50);
  const PairBatches batches = PairBatches::validation(pairs, 16);
  ASSERT_EQ(batches.batches(0), 4u);
  std::size_t before = 0;
  for (std::size_t index = 0; index < 4; ++index) {
    const std::vector<std::size_t> first(batches.numbers(0, index).begin(), batches.numbers(0, index).end());
    for (const std::size_t number : first) {
      EXPECT_GE(pairs.targets[number].size(), before);
      before = pairs.targets[number].size();
    }
    EXPECT_TRUE(std::ranges::equal(batches.numbers(9, index), first));
  }
  const SymbolPairs none;
  EXPECT_EQ(PairBatches::validation(none, 16).batches(0), 0u);
}

}  // namespace
}  // namespace carousel
