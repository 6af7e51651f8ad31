// Batches of music against the pieces they are made from.
#include "tasks/music_batches.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

namespace carousel {
namespace {

using testing::Each;
using testing::ElementsAre;

std::vector<MusicPiece> pieces() {
  return {
      {"short", {{60}, {62, 65}}}, {"long", {{21}, {}, {108}, {50}, {51}}}, {"middle", {{70}, {71}, {72}}}};
}

/// The pitches of a row.
std::vector<std::size_t> sounding(std::span<const float> row) {
  std::vector<std::size_t> out;
  for (std::size_t column = 0; column < row.size(); ++column)
    if (row[column] != 0) out.push_back(21 + column);
  return out;
}

TEST(MusicBatches, EachStepIsToldFromTheOneBeforeAndTheFirstFromNothing) {
  const auto music = pieces();
  const MusicBatches batches(music, {.rows = 2});
  ASSERT_EQ(batches.batches(0), 2u);
  const Batch<float> batch = batches.get(0, 0);
  EXPECT_THAT(batch.x.layout().lengths(), ElementsAre(2, 5));
  EXPECT_THAT(batch.carry, Each(0));
  for (std::size_t b = 0; b < 2; ++b) {
    EXPECT_TRUE(sounding(batch.x.at(b, 0)).empty());
    for (std::size_t t = 0; t < music[b].steps.size(); ++t) {
      const std::vector<std::size_t> wanted(music[b].steps[t].begin(), music[b].steps[t].end());
      EXPECT_EQ(sounding(batch.targets.at(b, t)), wanted);
      if (t + 1 < music[b].steps.size()) {
        EXPECT_EQ(sounding(batch.x.at(b, t + 1)), wanted);
      }
    }
  }
}

TEST(MusicBatches, LongPiecesGoOnInTheNextBatch) {
  const auto music = pieces();
  const MusicBatches batches(music, {.rows = 3, .chunk = 2});
  ASSERT_EQ(batches.batches(0), 3u);
  const Batch<float> second = batches.get(0, 1), third = batches.get(0, 2);
  EXPECT_THAT(second.x.layout().lengths(), ElementsAre(0, 2, 1));
  EXPECT_THAT(second.carry, Each(1));
  EXPECT_THAT(sounding(second.x.at(2, 0)), ElementsAre(71));
  EXPECT_THAT(sounding(second.targets.at(2, 0)), ElementsAre(72));
  EXPECT_THAT(third.x.layout().lengths(), ElementsAre(0, 1, 0));
  EXPECT_THAT(sounding(third.x.at(1, 0)), ElementsAre(50));
  EXPECT_THAT(sounding(third.targets.at(1, 0)), ElementsAre(51));
}

TEST(MusicBatches, EveryEpochHasAllPiecesInAnOrderOfItsOwn) {
  std::vector<MusicPiece> music;
  for (std::uint8_t k = 0; k < 40; ++k) music.push_back({"", {{static_cast<std::uint8_t>(30 + k)}}});
  const MusicBatches batches(music, {.rows = 7, .shuffled = true, .seed = 3});
  std::set<std::vector<std::size_t>> orders;
  for (std::size_t epoch = 0; epoch < 4; ++epoch) {
    std::vector<std::size_t> order;
    for (std::size_t index = 0; index < batches.batches(epoch); ++index) {
      const Batch<float> batch = batches.get(epoch, index);
      for (std::size_t b = 0; b < batch.x.layout().batch(); ++b)
        order.push_back(sounding(batch.targets.at(b, 0)).front());
    }
    orders.insert(order);
    std::ranges::sort(order);
    ASSERT_EQ(order.size(), 40u);
    for (std::size_t k = 0; k < 40; ++k) EXPECT_EQ(order[k], 30 + k);
  }
  EXPECT_EQ(orders.size(), 4u);
}

TEST(MusicBatches, APieceIsMovedAsAWholeAndStaysOnTheKeys) {
  const std::vector<MusicPiece> music = {{"", {{23}, {60, 64}}}};
  const MusicBatches batches(music, {.rows = 1, .shuffled = true, .transpose = 5});
  std::map<std::ptrdiff_t, int> shifts;
  for (std::size_t epoch = 0; epoch < 400; ++epoch) {
    const Batch<float> batch = batches.get(epoch, 0);
    const std::ptrdiff_t shift = static_cast<std::ptrdiff_t>(sounding(batch.targets.at(0, 0)).front()) - 23;
    ++shifts[shift];
    EXPECT_THAT(sounding(batch.targets.at(0, 1)), ElementsAre(60 + shift, 64 + shift));
    EXPECT_EQ(sounding(batch.x.at(0, 1)), sounding(batch.targets.at(0, 0)));
  }
  EXPECT_EQ(shifts.begin()->first, -2);  // 21 is the lowest key
  EXPECT_EQ(shifts.rbegin()->first, 5);
  for (const auto& [shift, count] : shifts) EXPECT_GT(count, 20);  // of 50 each
}

}  // namespace
}  // namespace carousel
