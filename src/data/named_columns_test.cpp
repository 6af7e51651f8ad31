#include "data/named_columns.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

CsvReader table(std::string_view text) { return CsvReader(text, "t.csv"); }

TEST(NamedColumns, AreFoundWhereverTheyStand) {
  const CsvReader reader = table("speed,time,height\n1,2,3\n");
  const std::vector<std::string> both = {"height", "speed"};
  EXPECT_THAT(columns_called(reader, {0, 1, 2}, both, OtherColumns::aside), ElementsAre(2, 0));
  EXPECT_THAT(columns_called(reader, {0, 2}, both, OtherColumns::refused), ElementsAre(2, 0));
  EXPECT_THAT(columns_called(reader, std::vector<std::string>{"time", "height", "speed"}),
              ElementsAre(1, 2, 0));
  EXPECT_THAT(names_of(reader, std::vector<std::size_t>{2, 0}), ElementsAre("height", "speed"));
}

TEST(NamedColumns, WithoutNamesColumnsGoByPlace) {
  const CsvReader bare = table("1,2,3\n4,5,6\n"), named = table("a,b,c\n4,5,6\n");
  EXPECT_THAT(columns_called(bare, {2, 1}, std::vector<std::string>{"a", "b"}, OtherColumns::refused),
              ElementsAre(2, 1));
  EXPECT_THAT(columns_called(named, {2, 1}, {}, OtherColumns::refused), ElementsAre(2, 1));
  EXPECT_THAT(names_of(bare, std::vector<std::size_t>{0, 1}), IsEmpty());
}

TEST(NamedColumns, WhatIsMissingOrTooManyIsNamed) {
  const CsvReader reader = table("speed,time,height\n1,2,3\n");
  const auto all = [&](std::vector<std::string> names) { columns_called(reader, names); };
  EXPECT_THAT(
      [&] {
        all({"speed", "Heigth", "time"});
      },
      ThrowsMessage<DataError>(HasSubstr("t.csv: found no column 'Heigth', which the data learned "
                                         "from has; did you mean 'height'?")));
  EXPECT_THAT(
      [&] {
        all({"speed", "speed", "time"});
      },
      ThrowsMessage<DataError>(HasSubstr("found no column 'speed'")));
  EXPECT_THAT(
      [&] {
        all({"speed", "height"});
      },
      ThrowsMessage<DataError>(HasSubstr("t.csv: found column 'time', which the data learned from "
                                         "does not have; leave it out")));
  // A column of another part is none of them.
  EXPECT_THAT(
      [&] {
        columns_called(reader, {0, 2}, std::vector<std::string>{"time"}, OtherColumns::aside);
      },
      ThrowsMessage<DataError>(HasSubstr("found no column 'time'")));
}

}  // namespace
}  // namespace carousel
