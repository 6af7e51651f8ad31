#include "data/split.h"

#include <gmock/gmock.h>

#include <string>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

SeriesSet set_of(std::initializer_list<std::size_t> lengths) {
  SeriesSet set;
  set.source = "test.csv";
  set.names = {"v"};
  set.targets = 1;
  for (const std::size_t length : lengths) {
    Series series;
    series.id = "s" + std::to_string(set.series.size());
    series.length = length;
    set.series.push_back(std::move(series));
  }
  return set;
}

TEST(Split, WhatIsNoneIsSaidInTheWordsOfTheData) {
  EXPECT_THAT([] { parse_split("0.5,0.6,0.1"); },
              ThrowsMessage<SettingError>(HasSubstr("found '0.5,0.6,0.1', shares of 1.2 in all")));
  EXPECT_THAT([] { split_rows(9, parse_split("8,1,1"), "examples"); },
              ThrowsMessage<DataError>(HasSubstr("found 9 examples, expected at least 10")));
}

TEST(Split, ByFractions) {
  EXPECT_EQ(split_rows(10, SplitFractions{}), (Split{{0, 7}, {7, 8}, {8, 10}}));
  EXPECT_EQ(split_rows(144, SplitFractions{}), (Split{{0, 100}, {100, 114}, {114, 144}}));
  EXPECT_EQ(split_rows(10, (SplitFractions{0.5, 0.2, 0.2})), (Split{{0, 5}, {5, 7}, {7, 9}}));
  EXPECT_EQ(split_rows(7, (SplitFractions{1, 0, 0})), (Split{{0, 7}, {7, 7}, {7, 7}}));
}

TEST(Split, ByCountsAndFromTheEnd) {
  EXPECT_EQ(split_rows(17420, parse_split("8640,2880,2880")),
            (Split{{0, 8640}, {8640, 11520}, {11520, 14400}}));
  EXPECT_EQ(split_rows(144, parse_split("24")), (Split{{0, 96}, {96, 120}, {120, 144}}));
  EXPECT_EQ(split_rows(144, parse_split("12, 24")), (Split{{0, 108}, {108, 120}, {120, 144}}));
  EXPECT_THROW(split_rows(14399, parse_split("8640,2880,2880")), DataError);
  EXPECT_THROW(split_rows(36, parse_split("12,24")), DataError);
}

TEST(Split, TextsAreReadAndWritten) {
  for (const char* text : {"0.7,0.1,0.2", "8640,2880,2880", "12,24", "1.0,0,0"}) {
    EXPECT_EQ(to_string(parse_split(text)), text);
  }
  for (const char* text : {"", "a", "1,2,3,4", "0.5,0.6,0.7", "0.5", "0.7,0.3", "-1,2,3", "0.0,0.5,0.5",
                           "nan,0.1,0.1", "0,1,1", "1e3", "99999999999999999999", "1,,2"}) {
    EXPECT_THROW(parse_split(text), SettingError) << text;
  }
}

TEST(Split, PartsTooShortForAWindowAreNamed) {
  const auto error_of = [](const SeriesSet& set, const char* rule, std::size_t context, std::size_t horizon) {
    try {
      split_series(set, parse_split(rule), context, horizon);
    } catch (const DataError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(error_of(set_of({144}), "12,24", 96, 12), "no error");
  EXPECT_THAT(error_of(set_of({144}), "12,24", 97, 12),
              HasSubstr("'s0': the training part has 108 rows, expected at least 97 + 12"));
  EXPECT_THAT(error_of(set_of({144}), "12,24", 10, 13),
              HasSubstr("validation part has 12 rows, expected at least 13"));
  EXPECT_THAT(error_of(set_of({144}), "0,24", 10, 30),
              HasSubstr("test part has 24 rows, expected at least 30"));
  EXPECT_EQ(error_of(set_of({20, 144}), "0.7,0.1,0.2", 24, 12), "no error");
  EXPECT_THAT(error_of(set_of({144, 20}), "12,24", 10, 10),
              HasSubstr("'s1': found 20 rows, expected at least 37"));
}

}  // namespace
}  // namespace carousel
