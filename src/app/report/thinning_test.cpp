#include "app/report/thinning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace carousel::report {
namespace {

using ::testing::ElementsAre;

std::vector<double> count_to(std::size_t n) {
  std::vector<double> out(n);
  std::iota(out.begin(), out.end(), 0.0);
  return out;
}

TEST(ThinLine, LeavesAShortLineAlone) {
  const Points out = thin_line({1, 2, 3, 4}, {5, 6, 7, 8}, 4);
  EXPECT_THAT(out.x, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(out.y, ElementsAre(5, 6, 7, 8));
}

TEST(ThinLine, KeepsSmallestAndLargestOfEachSliceInOrder) {
  const Points out = thin_line(count_to(8), {3, 9, 1, 4, 7, 2, 8, 5}, 4);
  EXPECT_THAT(out.x, ElementsAre(1, 2, 5, 6));
  EXPECT_THAT(out.y, ElementsAre(9, 1, 2, 8));
}

TEST(ThinLine, KeepsASinglePeakInAMillionPoints) {
  std::vector<double> y(1000000, 0.0);
  y[123457] = 5;
  const Points out = thin_line(count_to(y.size()), y, 2000);
  EXPECT_LE(out.x.size(), 2000U);
  const auto peak = std::find(out.y.begin(), out.y.end(), 5.0);
  ASSERT_NE(peak, out.y.end());
  EXPECT_EQ(out.x[static_cast<std::size_t>(peak - out.y.begin())], 123457);
  EXPECT_TRUE(std::is_sorted(out.x.begin(), out.x.end()));
}

TEST(ThinLine, TurnsASliceWithoutNumbersIntoAGap) {
  const Points out = thin_line(count_to(6), {NAN, NAN, NAN, 1, INFINITY, 1}, 4);
  ASSERT_EQ(out.y.size(), 2U);
  EXPECT_TRUE(std::isnan(out.y[0]));
  EXPECT_EQ(out.y[1], 1);
}

TEST(ThinBand, TakesTheEnvelopeOfEachSlice) {
  const Envelope out = thin_band(count_to(6), {5, 1, 3, NAN, -2, 0}, {6, 9, 4, NAN, 2, 8}, 2);
  EXPECT_THAT(out.x, ElementsAre(1, 4));
  EXPECT_THAT(out.low, ElementsAre(1, -2));
  EXPECT_THAT(out.high, ElementsAre(9, 8));
}

TEST(BlockMeans, AveragesBlocksAlsoAtTheEdge) {
  const Matrix out = block_means({3, 3, {1, 2, 3, 4, 5, 6, 7, 8, 9}}, 2, 2);
  EXPECT_EQ(out.rows, 2U);
  EXPECT_EQ(out.columns, 2U);
  EXPECT_THAT(out.values, ElementsAre(3, 4.5, 7.5, 9));
}

TEST(BlockMeans, OfSingleCellsAreTheCells) {
  const Matrix out = block_means({2, 2, {1, 2, 3, 4}}, 1, 1);
  EXPECT_THAT(out.values, ElementsAre(1, 2, 3, 4));
}

}  // namespace
}  // namespace carousel::report
