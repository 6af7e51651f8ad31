#include "data/text_lines.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::vector<std::string> lines_of(std::string_view text, InvalidText policy = InvalidText::error) {
  TextLines reader(ByteSource(text), "a.txt", policy);
  std::vector<std::string> lines;
  while (auto line = reader.next()) lines.push_back(std::move(*line));
  EXPECT_EQ(reader.line(), lines.size());
  return lines;
}

TEST(TextLines, LinesEndInEitherWay) {
  EXPECT_THAT(lines_of("one\ntwo\r\n\n four"), ElementsAre("one", "two", "", " four"));
  EXPECT_THAT(lines_of("one\r\n"), ElementsAre("one"));
  EXPECT_THAT(lines_of(""), ElementsAre());
  EXPECT_THAT(lines_of("\n\n"), ElementsAre("", ""));
  EXPECT_THAT(lines_of("a\rb"), ElementsAre("a\rb"));
  EXPECT_THAT(lines_of("\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo"), ElementsAre("one", "\xEF\xBB\xBFtwo"));
}

TEST(TextLines, LinesLongerThanTheBufferAreWhole) {
  const std::string long_line(300'000, 'x');
  EXPECT_THAT(lines_of(long_line + "\nend"), ElementsAre(long_line, "end"));
}

TEST(TextLines, WhatIsNoTextIsNamedByItsPlace) {
  const auto refuses = [](const std::string& text, const char* message) {
    EXPECT_THAT([&] { lines_of(text); }, ThrowsMessage<DataError>(HasSubstr(message)));
  };
  refuses("one\ntwo \xFF", "a.txt, line 2, byte 5 of it: found 0xff");
  refuses(std::string("one\ntwo\nth\0ree", 14), "found a zero byte");
  EXPECT_THAT(lines_of("one\ntwo \xFF", InvalidText::replace), ElementsAre("one", "two \xEF\xBF\xBD"));
}

}  // namespace
}  // namespace carousel
