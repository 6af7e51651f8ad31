#include "data/series_append.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SeriesRequest shops() {
  SeriesRequest request;
  request.id = "shop";
  request.targets = {"y"};
  return request;
}

SeriesSet read(std::string_view text, const std::string& name, const SeriesRequest& request = shops()) {
  CsvReader reader(text, name);
  return read_series(reader, request);
}

std::vector<double> values(const Column<double>& column) {
  std::vector<double> result;
  for (std::size_t i = 0; i < column.size(); ++i) result.push_back(column[i]);
  return result;
}

/// Of appending what `next` holds to what `first` holds.
std::string error_of(std::string_view first, std::string_view next, const SeriesRequest& other = shops()) {
  SeriesSet set = read(first, "train.csv");
  try {
    append_series(set, read(next, "test.csv", other));
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(SeriesAppend, RowsGoToTheSeriesOfTheirIdInWhateverOrder) {
  SeriesSet set = read("shop,y\na,1\na,2\nb,10\nc,20\n", "train.csv");
  const SeriesSet more = read("shop,y\nb,11\nb,12\na,3\n", "test.csv");
  EXPECT_THAT(append_series(set, more), ElementsAre(2, 1, 1));
  EXPECT_THAT(values(set.series[0].columns[0]), ElementsAre(1, 2, 3));
  EXPECT_THAT(values(set.series[1].columns[0]), ElementsAre(10, 11, 12));
  EXPECT_THAT(values(set.series[2].columns[0]), ElementsAre(20));
  EXPECT_EQ(set.series[1].length, 3U);
}

TEST(SeriesAppend, TimeStampsMustGoOn) {
  constexpr std::string_view first = "day,shop,y\n2024-01-01,a,1\n2024-01-02,a,2\n";
  EXPECT_EQ(error_of(first, "day,shop,y\n2024-01-03,a,3\n2024-01-04,a,4\n"), "no error");
  EXPECT_EQ(error_of(first, "day,shop,y\n2024-01-05,a,3\n2024-01-06,a,4\n"),
            "test.csv: series 'a' begins at 2024-01-05, expected 2024-01-03, one step after its last row in "
            "train.csv");
}

TEST(SeriesAppend, KnownRowsAheadGiveWayToThoseOfTheNextFile) {
  SeriesRequest request = shops();
  request.known = {"price"};
  SeriesSet set = read("shop,y,price\na,1,5\na,,6\n", "train.csv", request);
  ASSERT_EQ(set.series[0].length, 1U);
  append_series(set, read("shop,y,price\na,2,7\na,,8\n", "test.csv", request));
  EXPECT_THAT(values(set.series[0].columns[1]), ElementsAre(5, 7, 8));
  EXPECT_EQ(set.series[0].length, 2U);
}

TEST(SeriesAppend, RefusesWhatDoesNotBelongTogether) {
  EXPECT_EQ(error_of("shop,y\na,1\n", "shop,y\nd,1\n"),
            "test.csv: series 'd' is not in train.csv, expected the same series");
  SeriesRequest other = shops();
  other.targets = {"z"};
  EXPECT_THAT(error_of("shop,y\na,1\n", "shop,z\na,1\n", other), HasSubstr("[append_series]"));
}

}  // namespace
}  // namespace carousel
