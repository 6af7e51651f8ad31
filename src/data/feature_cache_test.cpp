#include "data/feature_cache.h"

#include <gtest/gtest.h>

#include <atomic>

#include "base/thread_pool.h"

namespace carousel {
namespace {

/// Example i has 100 steps of the value i; counts how often each is read.
class Counting final : public Examples {
 public:
  explicit Counting(std::size_t n) : reads(n) { list_.resize(n); }
  Features read(std::size_t index) const override {
    ++reads[index];
    return {100, 1, std::vector<float>(100, static_cast<float>(index))};
  }
  mutable std::vector<std::atomic<std::size_t>> reads;
};

constexpr std::size_t kOne = 400 + sizeof(Features);

TEST(FeatureCache, ReadsOnceWhatFits) {
  const Counting examples(3);
  const FeatureCache cache(examples, 3 * kOne);
  for (int round = 0; round < 4; ++round)
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(cache.get(i)->values.at(99), static_cast<float>(i));
  for (const auto& reads : examples.reads) EXPECT_EQ(reads, 1u);
  EXPECT_EQ(cache.bytes(), 3 * kOne);
}

TEST(FeatureCache, TheOneUsedLongestAgoMakesRoom) {
  const Counting examples(3);
  const FeatureCache cache(examples, 2 * kOne);
  for (const std::size_t i : {0, 1, 0, 2}) cache.get(i);  // 2 takes the place of 1
  EXPECT_EQ(cache.bytes(), 2 * kOne);
  cache.get(0);
  EXPECT_EQ(examples.reads[0], 1u);
  cache.get(1);
  EXPECT_EQ(examples.reads[1], 2u);
}

TEST(FeatureCache, WhatIsLargerThanAllRoomIsNotKept) {
  const Counting examples(2);
  const FeatureCache cache(examples, kOne - 1);
  const auto first = cache.get(0), again = cache.get(0);
  EXPECT_EQ(first->values, again->values);
  EXPECT_EQ(examples.reads[0], 2u);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(FeatureCache, ThreadsGetWhatTheyAskFor) {
  const Counting examples(50);
  const FeatureCache cache(examples, 7 * kOne);
  ThreadPool pool(3);
  pool.run(600, [&](std::size_t k) {
    const std::size_t i = k * 31 % 50;
    ASSERT_EQ(cache.get(i)->values.front(), static_cast<float>(i));
  });
  EXPECT_LE(cache.bytes(), 7 * kOne);
}

}  // namespace
}  // namespace carousel
