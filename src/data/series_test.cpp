#include "data/series.h"

#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SeriesSet read(std::string_view text, const SeriesRequest& request = {},
               std::optional<Frequency> frequency = std::nullopt) {
  CsvReader reader(text, "test.csv");
  return read_series(reader, request, frequency);
}

std::vector<double> values(const Column<double>& column) {
  std::vector<double> result;
  for (std::size_t i = 0; i < column.size(); ++i) result.push_back(column[i]);
  return result;
}

std::string error_of(std::string_view text, const SeriesRequest& request = {},
                     std::optional<Frequency> frequency = std::nullopt) {
  try {
    read(text, request, frequency);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Series, ThePassengersThatComeWithTheProject) {
  CsvReader reader(std::string(CAROUSEL_EXAMPLE_DATA) + "/passengers.csv");
  const SeriesSet set = read_series(reader, {});
  ASSERT_EQ(set.series.size(), 1u);
  EXPECT_THAT(set.names, ElementsAre("passengers"));
  EXPECT_EQ(set.frequency.name(), "monthly");
  const std::vector<double> passengers = values(set.series[0].columns[0]);
  ASSERT_EQ(passengers.size(), 144u);
  double sum = 0, most = 0;
  for (const double value : passengers) sum += value, most = std::max(most, value);
  EXPECT_EQ(sum, 40363);
  EXPECT_EQ(most, 622);
  EXPECT_EQ(passengers.front(), 112);
  EXPECT_EQ(passengers.back(), 432);
  EXPECT_EQ(format_time(set.time(0, 0)), "1949-01-01");
  EXPECT_EQ(format_time(set.time(0, 144)), "1961-01-01");
}

TEST(Series, ColumnsTakeTheirParts) {
  SeriesRequest request;
  request.targets = {"b", "a"};
  request.past = {"d"};
  request.known = {"c"};
  const SeriesSet set = read("t,a,b,c,d\n2020-01-01,1,2,3,4\n2020-01-02,5,6,7,8\n", request);
  EXPECT_THAT(set.names, ElementsAre("b", "a", "d", "c"));
  EXPECT_EQ(set.targets, 2u);
  EXPECT_EQ(set.past, 1u);
  EXPECT_EQ(set.known, 1u);
  EXPECT_EQ(set.time_name, "t");
  EXPECT_THAT(values(set.series[0].columns[0]), ElementsAre(2, 6));
  EXPECT_THAT(values(set.series[0].columns[3]), ElementsAre(3, 7));
}

TEST(Series, DefaultsAreTheLastNumberAndTheFirstTime) {
  const SeriesSet set = read("t,a,b,c\n2020-01-01,1,2,x\n2020-01-02,5,6,y\n");
  EXPECT_THAT(set.names, ElementsAre("b"));
  EXPECT_EQ(set.frequency.name(), "daily");
  SeriesRequest request;
  request.time = "";
  EXPECT_FALSE(read("t,a\n2020-01-01,1\n2020-01-05,5\n2020-01-06,5\n", request).frequency);
}

TEST(Series, WrongRequestsAreRefused) {
  const std::string text = "t,value,b\n2020-01-01,1,2\n2020-01-02,5,6\n";
  SeriesRequest request;
  request.targets = {"vlaue"};
  EXPECT_THAT(error_of(text, request),
              HasSubstr("target: test.csv has no column 'vlaue'; did you mean 'value'?"));
  request.targets = {"b"};
  request.known = {"b"};
  EXPECT_THAT(error_of(text, request), HasSubstr("known covariate: column 'b' is already used (target)"));
  request.known = {};
  request.id = "series";
  EXPECT_THAT(error_of(text, request), HasSubstr("id: test.csv has no column 'series'"));
}

TEST(Series, LongFormMakesOneSeriesOfEachId) {
  SeriesRequest request;
  request.targets = {"v"};
  request.id = "id";
  const SeriesSet set = read(
      "id,t,v\nb,2020-01-01,1\na,2021-05-01,10\nb,2020-01-02,2\na,2021-05-02,20\nb,2020-01-03,3\n", request);
  ASSERT_EQ(set.series.size(), 2u);
  EXPECT_EQ(set.series[0].id, "b");
  EXPECT_THAT(values(set.series[0].columns[0]), ElementsAre(1, 2, 3));
  EXPECT_EQ(set.series[1].id, "a");
  EXPECT_THAT(values(set.series[1].columns[0]), ElementsAre(10, 20));
  EXPECT_EQ(format_time(set.time(1, 2)), "2021-05-03");
  EXPECT_THAT(error_of("id,t,v\nb,2020-01-01,1\na,2020-01-01,1\nb,2020-01-02,1\na,2020-01-01,2\n", request),
              HasSubstr("line 5, column 't': time stamp 2020-01-01 is there twice"));
  EXPECT_THAT(error_of("id,t,v\nb,2020-01-01,1\na,2020-01-01,1\nb,2020-01-02,\na,2020-01-02,2\n", request),
              HasSubstr("line 4, column 'v': the value is missing"));
  EXPECT_THAT(error_of("id,t,v\nb,2020-01-01,1\n,2020-01-01,1\n", request), HasSubstr("line 3, column 'id'"));
}

std::optional<std::string> id_column(std::string_view text, const SeriesRequest& request = {}) {
  CsvReader reader(text, "test.csv");
  return find_id_column(reader, request);
}

TEST(Series, TheColumnThatTellsSeriesApartIsFound) {
  // One series after the other, then day by day; a remark tells single rows apart, a region too little.
  EXPECT_EQ(id_column("shop,t,v\na,2020-01-01,1\na,2020-01-02,2\nb,2020-01-01,3\nb,2020-01-02,4\n"), "shop");
  EXPECT_EQ(id_column("remark,t,v,region,shop,v2\n"
                      "k,2020-01-01,1,x,a,1\nl,2020-01-01,2,x,b,1\nm,2020-01-01,2,y,c,1\n"
                      "n,2020-01-02,1,x,a,1\no,2020-01-02,2,x,b,1\np,2020-01-02,2,y,c,1\n"),
            "shop");
  EXPECT_EQ(id_column("shop,t,v\na,2020-01-01,1\na,2020-01-01,2\nb,2020-01-01,3\n"), std::nullopt);
  EXPECT_EQ(id_column("t,v\n2020-01-01,1\n2020-01-01,2\n"), std::nullopt);
  EXPECT_EQ(id_column("shop,t,v\na,2020-01-01,1\nb\xff,2020-01-01,2\na,2020-01-02,1\n"), std::nullopt);
  EXPECT_EQ(id_column("shop,v\na,1\nb,2\na,3\n"), std::nullopt) << "there is no time";
}

TEST(Series, MissingValuesByPolicy) {
  const std::string text = "v\n\"\"\n1\nNA\n?\n4\n-\n";
  SeriesRequest request;
  EXPECT_THAT(error_of(text, request), HasSubstr("test.csv line 2, column 'v': the value is missing"));
  request.missing = Missing::interpolate;
  EXPECT_THAT(values(read(text, request).series[0].columns[0]), ElementsAre(1, 1, 2, 3, 4, 4));
  request.missing = Missing::mask;
  EXPECT_THAT(values(read(text, request).series[0].columns[0]),
              ElementsAre(testing::IsNan(), 1, testing::IsNan(), testing::IsNan(), 4, testing::IsNan()));
}

TEST(Series, GapsAreMissingRows) {
  const std::string text = "t,v\n2020-01,1\n2020-02,2\n2020-05,5\n";
  SeriesRequest request;
  EXPECT_THAT(error_of(text, request),
              HasSubstr("line 4, column 't': found 2020-05-01 after 2020-02-01, a gap of 2"));
  request.missing = Missing::interpolate;
  const SeriesSet set = read(text, request);
  EXPECT_THAT(values(set.series[0].columns[0]), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(set.series[0].length, 5u);
  EXPECT_EQ(format_time(set.time(0, 4)), "2020-05-01");
}

TEST(Series, RowsAtTheEndWithKnownCovariatesOnlyAreTheFuture) {
  SeriesRequest request;
  request.targets = {"v"};
  request.known = {"k"};
  const SeriesSet set =
      read("t,v,k\n2020-01-01,1,10\n2020-01-02,2,20\n2020-01-03,,30\n2020-01-04,,40\n", request);
  EXPECT_EQ(set.series[0].length, 2u);
  EXPECT_THAT(values(set.series[0].columns[1]), ElementsAre(10, 20, 30, 40));
  EXPECT_THAT(error_of("t,v,k\n2020-01-01,1,10\n2020-01-02,2,20\n2020-01-03,,\n", request),
              HasSubstr("line 4, column 'k'"));
}

TEST(Series, ATrainedModelsFrequencyIsHeldTo) {
  EXPECT_EQ(read("t,v\n2020-01-01,1\n", {}, parse_frequency("daily")).frequency.name(), "daily");
  EXPECT_THAT(error_of("t,v\n2020-01-01,1\n2020-01-02,1\n", {}, parse_frequency("monthly")),
              HasSubstr("expected equal steps (monthly)"));
  EXPECT_THAT(error_of("a,v\n1,1\n", {}, parse_frequency("monthly")),
              HasSubstr("found no column of time stamps"));
}

TEST(SeriesStream, GrowsRowByRow) {
  SeriesRequest request;
  request.targets = {"v"};
  request.missing = Missing::mask;
  CsvOptions options;
  options.stream = true;
  SeriesStream stream(CsvReader("t,v\n2020-01-01,1\n2020-01-02,\n2020-01-05,5\n2020-01-05,6\n", "x", options),
                      request, parse_frequency("daily"));
  EXPECT_EQ(stream.next(), 0u);
  EXPECT_EQ(stream.set().series[0].length, 1u);
  EXPECT_EQ(stream.next(), 0u);
  EXPECT_EQ(stream.next(), 0u);
  EXPECT_THAT(values(stream.set().series[0].columns[0]),
              ElementsAre(1, testing::IsNan(), testing::IsNan(), testing::IsNan(), 5));
  EXPECT_THROW(stream.next(), DataError);
}

TEST(SeriesStream, SeveralSeriesAndPolicies) {
  SeriesRequest request;
  request.targets = {"v"};
  request.id = "id";
  CsvOptions options;
  options.stream = true;
  SeriesStream stream(CsvReader("id,v\na,1\nb,10\na,2\nb,\n", "x", options), request, {});
  EXPECT_EQ(stream.next(), 0u);
  EXPECT_EQ(stream.next(), 1u);
  EXPECT_EQ(stream.next(), 0u);
  EXPECT_THAT(values(stream.set().series[0].columns[0]), ElementsAre(1, 2));
  EXPECT_THROW(stream.next(), DataError);
  request.missing = Missing::interpolate;
  EXPECT_THROW(SeriesStream(CsvReader("id,v\na,1\nb,10\n", "x", options), request, {}), SettingError);
}

}  // namespace
}  // namespace carousel
