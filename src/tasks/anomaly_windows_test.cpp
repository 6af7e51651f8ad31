#include "tasks/anomaly_windows.h"

#include <gtest/gtest.h>

#include <cmath>

namespace carousel {
namespace {

TEST(AnomalyWindows, are_merged_within_a_gap_and_have_a_peak) {
  const double none = std::nan("");
  //                               0  1  2     3  4  5  6  7  8  9
  const std::vector<double> scores{6, 0, none, 7, 9, 9, 0, 0, 0, 5};
  const auto apart = find_windows(scores, 5, 1);
  ASSERT_EQ(apart.size(), 3u);
  EXPECT_EQ(apart[0].rows, (Range{0, 1}));
  EXPECT_EQ(apart[1].rows, (Range{3, 6}));
  EXPECT_EQ(apart[1].peak, 4u);
  EXPECT_EQ(apart[1].score, 9);
  EXPECT_EQ(apart[2].rows, (Range{9, 10}));
  const auto merged = find_windows(scores, 5, 2);
  ASSERT_EQ(merged.size(), 2u);
  EXPECT_EQ(merged[0].rows, (Range{0, 6}));
  EXPECT_EQ(merged[0].peak, 4u);
  EXPECT_EQ(find_windows(scores, 5, 3).size(), 1u);
  EXPECT_TRUE(find_windows(scores, 9.5, 3).empty());
  EXPECT_TRUE(find_windows({}, 5, 3).empty());
}

}  // namespace
}  // namespace carousel
