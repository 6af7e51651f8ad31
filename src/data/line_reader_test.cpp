#include "data/line_reader.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> lines(std::string_view text) {
  LineReader reader(ByteSource(text), "a.txt");
  std::vector<std::string> all;
  while (const std::optional<std::string_view> line = reader.next()) all.emplace_back(*line);
  EXPECT_EQ(reader.line(), all.size());
  return all;
}

TEST(LineReader, EveryLineEnd) {
  EXPECT_THAT(lines("a\nb\r\n\nc"), ElementsAre("a", "b", "", "c"));
  EXPECT_THAT(lines("a\n"), ElementsAre("a"));
  EXPECT_THAT(lines("\xEF\xBB\xBF"
                    "a\r"),
              ElementsAre("a"));
  EXPECT_THAT(lines("a\rb"), ElementsAre("a\rb"));
  EXPECT_THAT(lines("\n"), ElementsAre(""));
  EXPECT_TRUE(lines("").empty());
}

TEST(LineReader, LinesAcrossTheBuffer) {
  const std::string longer(200000, 'x'), text = longer + "\nab\n" + longer + "y";
  EXPECT_THAT(lines(text), ElementsAre(longer, "ab", longer + "y"));
}

TEST(LineReader, WhatIsNoText) {
  EXPECT_THAT([] { lines(std::string_view("ab\0c", 4)); },
              testing::ThrowsMessage<DataError>(HasSubstr("a.txt byte 2: found a zero byte")));
  EXPECT_THAT(
      [] {
        lines(
            "\xFF\xFE"
            "a");
      },
      testing::ThrowsMessage<DataError>(HasSubstr("a.txt byte 0: found UTF-16 text")));
  const std::string endless(LineReader::kMaxLineBytes + 10, 'x');
  EXPECT_THAT([&] { lines("a\n" + endless); },
              testing::ThrowsMessage<DataError>(HasSubstr("a.txt line 2: a line longer than 64 MiB")));
}

}  // namespace
}  // namespace carousel
