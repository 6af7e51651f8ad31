#include "data/wide_series.h"

#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SeriesRequest wide() {
  SeriesRequest request;
  request.form = SeriesForm::wide;
  return request;
}

SeriesSet read(std::string_view text, const SeriesRequest& request = wide()) {
  CsvReader reader(text, "m.csv");
  return read_series(reader, request);
}

std::string error_of(std::string_view text, const SeriesRequest& request = wide()) {
  try {
    read(text, request);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::vector<double> values(const Series& series) {
  std::vector<double> result;
  for (std::size_t i = 0; i < series.columns[0].size(); ++i) result.push_back(series.columns[0][i]);
  return result;
}

// The layout of the M4 competition's files: quoted names, short series filled up with empty cells.
constexpr std::string_view kThree =
    "\"V1\",\"V2\",\"V3\",\"V4\",\"V5\"\n\"H1\",605,586,,\n\"H2\",1,2,3,4\n\"H3\",,7,8,\n";

TEST(WideSeries, ARowIsASeriesOfItsOwnLength) {
  const SeriesSet set = read(kThree);
  ASSERT_EQ(set.series.size(), 3U);
  EXPECT_EQ(set.id_name, "V1");
  EXPECT_THAT(set.names, ElementsAre("value"));
  EXPECT_EQ(set.targets, 1U);
  EXPECT_FALSE(set.frequency);
  EXPECT_EQ(set.series[0].id, "H1");
  EXPECT_THAT(values(set.series[0]), ElementsAre(605, 586));
  EXPECT_THAT(values(set.series[1]), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(values(set.series[2]), ElementsAre(7, 8));  // begins later, as in tables aligned by date
  EXPECT_EQ(set.series[2].length, 2U);
}

TEST(WideSeries, AnyColumnIsTheIdAndOthersAreStatic) {
  SeriesRequest request = wide();
  request.id = "shop";
  request.statics = {"region"};
  request.targets = {"sold"};
  const SeriesSet set = read("d1,region,shop,d2\n1,north,a,2\n3,south,b,4\n", request);
  EXPECT_THAT(set.names, ElementsAre("sold"));
  EXPECT_THAT(set.static_names, ElementsAre("region"));
  EXPECT_EQ(set.series[1].id, "b");
  EXPECT_THAT(set.series[1].statics, ElementsAre("south"));
  EXPECT_THAT(values(set.series[1]), ElementsAre(3, 4));
}

TEST(WideSeries, GapsBetweenValues) {
  constexpr std::string_view text = "id,a,b,c\nx,1,,3\n";
  EXPECT_THAT(error_of(text), HasSubstr("m.csv line 2, column 'b': the value is missing"));
  SeriesRequest request = wide();
  request.missing = Missing::interpolate;
  EXPECT_THAT(values(read(text, request).series[0]), ElementsAre(1, 2, 3));
  request.missing = Missing::mask;
  EXPECT_TRUE(std::isnan(read(text, request).series[0].columns[0][1]));
}

TEST(WideSeries, RefusesWhatIsNoTableOfSeries) {
  EXPECT_THAT(error_of("id,a\nx,1\ny,2\nx,3\n"),
              HasSubstr("m.csv line 4, column 'id': found 'x', which line 2 has already"));
  EXPECT_THAT(error_of("id,a\nx,1\ny,2\n,3\n"), HasSubstr("line 4, column 'id': found an empty cell"));
  EXPECT_THAT(error_of("id,a,b\nx,1,2\ny,,\n"), HasSubstr("m.csv line 3: found no value of the series 'y'"));
  EXPECT_THAT(error_of("id\nx\n"), HasSubstr("found no column of values beside the id 'id'"));
  EXPECT_THAT(error_of("id,a\nx,1\ny,two\n"), HasSubstr("m.csv line 3, column 'a'"));
}

TEST(WideSeries, RefusesPartsThatOnlyRowsOfTimeHave) {
  SeriesRequest request = wide();
  request.known = {"b"};
  EXPECT_THAT(error_of("id,a,b\nx,1,2\n", request), HasSubstr("form: wide"));
  request = wide();
  request.targets = {"a", "b"};
  EXPECT_THAT(error_of("id,a,b\nx,1,2\n", request), HasSubstr("second target"));
  request = wide();
  request.time = "a";
  EXPECT_THAT(error_of("id,a,b\nx,1,2\n", request), HasSubstr("no column 'a'"));
  request = wide();
  request.id = "a";
  request.statics = {"a"};
  EXPECT_THAT(error_of("id,a,b\nx,1,2\n", request), HasSubstr("static: column 'a' is already used"));
}

}  // namespace
}  // namespace carousel
