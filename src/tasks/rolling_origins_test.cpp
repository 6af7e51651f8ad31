#include "tasks/rolling_origins.h"

#include <carousel/error.h>
#include <gmock/gmock.h>

#include <string>

namespace carousel {
namespace {

using testing::HasSubstr;

SeriesSet read(std::string_view text, const std::optional<std::string>& id) {
  SeriesRequest request;
  request.id = id;
  request.targets = {"y"};
  CsvReader reader(text, "y.csv");
  return read_series(reader, request);
}

std::string rows(const std::string& id, int count) {
  std::string text;
  for (int row = 0; row < count; ++row) text += id + "," + std::to_string(row) + "\n";
  return text;
}

TEST(RollingOrigins, LieAStrideApartAndEndAHorizonBeforeTheEnd) {
  const SeriesSet set = read("shop,y\n" + rows("a", 20) + rows("b", 12), "shop");
  const std::vector<Split> splits{{{0, 8}, {8, 8}, {8, 20}}, {{0, 6}, {6, 6}, {6, 12}}};
  const std::vector<RollingOrigin> all = rolling_origins(set, splits, 3, 4, 2);
  ASSERT_EQ(all.size(), 4U);
  // Rows left 9, 7, 5, 3; b has six rows of a test part.
  const std::size_t of_a[] = {10, 12, 14, 16};
  for (std::size_t n = 0; n < 4; ++n) {
    EXPECT_EQ(all[n].rows_left, 9 - 2 * n);
    EXPECT_FALSE(all[n].time);
    ASSERT_EQ(all[n].windows.size(), n < 2 ? 1U : 2U);
    EXPECT_EQ(all[n].windows[0].series, 0U);
    EXPECT_EQ(all[n].windows[0].origin, of_a[n]);
    EXPECT_EQ(all[n].windows[0].end, 20U);
  }
  EXPECT_EQ(all[2].windows[1].series, 1U);
  EXPECT_EQ(all[2].windows[1].origin, 6U);
  EXPECT_EQ(all[3].windows[1].origin, 8U);
}

TEST(RollingOrigins, TheStrideIsAHorizonWhereNoneIsGivenAndTheFirstMayStandBeforeTheTestPart) {
  const SeriesSet set =
      read("t,y\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n2024-01-04,4\n2024-01-05,5\n", {});
  const std::vector<Split> splits{{{0, 1}, {1, 1}, {1, 5}}};
  const std::vector<RollingOrigin> all = rolling_origins(set, splits, 2, 2, 0);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].windows[0].origin, 0U);
  EXPECT_EQ(all[1].windows[0].origin, 2U);
  EXPECT_EQ(format_time(*all[1].time), "2024-01-03");
}

TEST(RollingOrigins, SaysHowManyFit) {
  const SeriesSet set = read("shop,y\n" + rows("a", 20), "shop");
  const std::vector<Split> splits{{{0, 8}, {8, 8}, {8, 20}}};
  try {
    rolling_origins(set, splits, 3, 6, 2);
    FAIL();
  } catch (const SettingError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("need 13 rows, and the longest test part of y.csv has 12; at most 5 fit"));
  }
  EXPECT_EQ(rolling_origins(set, splits, 3, 5, 2).size(), 5U);
}

}  // namespace
}  // namespace carousel
