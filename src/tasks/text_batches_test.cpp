#include "tasks/text_batches.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace carousel {
namespace {

/// The symbols 0, 1, 2, ...: each says where it stands.
std::vector<std::size_t> counting(std::size_t count) {
  std::vector<std::size_t> symbols(count);
  std::iota(symbols.begin(), symbols.end(), std::size_t{0});
  return symbols;
}

/// What each stream of an epoch reads, batch after batch, with every target looked at.
std::vector<std::vector<std::size_t>> streams_of(const TextBatches& batches, std::size_t epoch) {
  std::vector<std::vector<std::size_t>> streams;
  for (std::size_t index = 0; index < batches.batches(epoch); ++index) {
    const Batch<float> batch = batches.get(epoch, index);
    streams.resize(batch.x.layout().batch());
    for (std::size_t s = 0; s < streams.size(); ++s) {
      EXPECT_EQ(batch.carry.at(s) != 0, index > 0);
      for (std::size_t t = 0; t < batch.x.layout().length(s); ++t) {
        const auto symbol = static_cast<std::size_t>(batch.x.at(s, t)[0]);
        EXPECT_EQ(static_cast<std::size_t>(batch.targets.at(s, t)[0]), symbol + 1);
        streams[s].push_back(symbol);
      }
    }
  }
  return streams;
}

TEST(TextBatches, StreamsSideBySideAreTheText) {
  for (const std::size_t length : {2, 3, 8, 50, 101})
    for (const std::size_t count : {1, 3, 7})
      for (const std::size_t chunk : {1, 4, 1000}) {
        const std::vector<std::size_t> symbols = counting(length);
        std::vector<std::size_t> read;
        for (const auto& stream : streams_of(TextBatches(symbols, count, chunk, false, 1), 0))
          read.insert(read.end(), stream.begin(), stream.end());
        EXPECT_EQ(read, counting(length - 1)) << length << ", " << count << ", " << chunk;
      }
}

TEST(TextBatches, EpochsOfTrainingAreCutElsewhere) {
  const std::vector<std::size_t> symbols = counting(1000);
  const TextBatches batches(symbols, 4, 50, true, 3);
  std::set<std::size_t> firsts;
  for (std::size_t epoch = 0; epoch < 20; ++epoch) {
    const auto streams = streams_of(batches, epoch);
    ASSERT_EQ(streams.size(), 4u);
    firsts.insert(streams[0].front());
    EXPECT_LT(streams[0].front(), 50u);
    EXPECT_EQ(streams[3].back(), 998u);
    for (std::size_t s = 1; s < 4; ++s) EXPECT_EQ(streams[s].front(), streams[s - 1].back() + 1);
  }
  EXPECT_GT(firsts.size(), 10u);
}

TEST(TextBatches, ATextWithoutAPairHasNoBatch) {
  for (const std::size_t length : {0, 1})
    EXPECT_EQ(TextBatches(counting(length), 3, 5, true, 1).batches(0), 0u);
}

}  // namespace
}  // namespace carousel
