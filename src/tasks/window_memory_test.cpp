#include "tasks/window_memory.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>

namespace carousel {
namespace {

/// Targets 10, 11, 12, ...; row 3 is missing.
SeriesSet counting(std::size_t rows) {
  SeriesSet set;
  set.names = {"y"};
  set.targets = 1;
  set.missing = Missing::mask;
  Series series{"", 0, rows, {}};
  Column<double>& column = series.columns.emplace_back();
  for (std::size_t row = 0; row < rows; ++row)
    column.push_back(row == 3 ? std::nan("") : 10 + static_cast<double>(row));
  set.series.push_back(std::move(series));
  return set;
}

class WindowMemory : public ::testing::Test {
 protected:
  SeriesSet set_ = counting(20);
  Windows windows_{set_, {{Scaler{10, 2}}}, {.context = 4, .horizon = 1, .missing_indicators = true}};
  std::vector<Split> splits_{{{0, 12}, {12, 16}, {16, 20}}};
  WindowList list_ = list_windows(set_, splits_, Part::train, 4, 1);
};

TEST_F(WindowMemory, is_read_forwards_and_written_backwards) {
  const Window chosen[] = {{0, 5, 6}, {0, 1, 2}};  // rows 2 to 5; rows 0 and 1
  Sequences<float> x, y;
  gather_memory(windows_, chosen, x, y);
  ASSERT_EQ(x.features(), 3u);
  ASSERT_EQ(x.layout().length(0), 8u);
  ASSERT_EQ(x.layout().length(1), 4u);
  const float read[4][3] = {{1, 0, 0}, {0, 1, 0}, {2, 0, 0}, {2.5F, 0, 0}};
  const float written[4] = {2.5F, 2, NAN, 1};
  for (std::size_t t = 0; t < 4; ++t) {
    EXPECT_TRUE(std::isnan(y.at(0, t)[0]));
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(x.at(0, t)[i], read[t][i]) << t << ' ' << i;
      EXPECT_EQ(x.at(0, 4 + t)[i], i == 2 ? 1.0F : 0.0F);
    }
    if (t == 2) {
      EXPECT_TRUE(std::isnan(y.at(0, 4 + t)[0]));
    } else {
      EXPECT_EQ(y.at(0, 4 + t)[0], written[t]);
    }
  }
  EXPECT_EQ(y.at(1, 2)[0], 0.5F);
  EXPECT_EQ(y.at(1, 3)[0], 0.0F);
}

TEST_F(WindowMemory, training_batches_take_every_window_as_often) {
  ASSERT_EQ(list_.size(), 8u);  // origins 3 to 10
  const MemoryBatches batches(windows_, list_, 2, 3, 7);
  std::map<float, int> taken;  // by the last row that was read; the missing one is -1
  for (std::size_t epoch = 0; epoch < 4; ++epoch)
    for (std::size_t index = 0; index < batches.batches(epoch); ++index) {
      const Batch<float> batch = batches.get(epoch, index);
      for (std::size_t b = 0; b < 2; ++b) {
        const float last = batch.targets.at(b, 4)[0];
        ++taken[std::isnan(last) ? -1 : last];
      }
    }
  EXPECT_EQ(taken.size(), 8u);
  for (const auto& [last, count] : taken) EXPECT_EQ(count, 3) << last;
  const Batch<float> again = batches.get(1, 2), same = MemoryBatches(windows_, list_, 2, 3, 7).get(1, 2);
  for (std::size_t b = 0; b < 2; ++b)
    EXPECT_EQ(std::memcmp(&again.targets.at(b, 4)[0], &same.targets.at(b, 4)[0], sizeof(float)), 0);
}

TEST_F(WindowMemory, validation_batches_are_the_windows_named) {
  const MemoryBatches batches(windows_, list_, {1, 4, 7}, 2);
  ASSERT_EQ(batches.batches(0), 2u);
  EXPECT_EQ(batches.get(0, 0).targets.at(1, 4)[0], 3.5F);  // origin 7: 17
  const Batch<float> last = batches.get(0, 1);
  ASSERT_EQ(last.x.layout().batch(), 1u);
  EXPECT_EQ(last.targets.at(0, 4)[0], 5.0F);  // origin 10: 20
}

}  // namespace
}  // namespace carousel
