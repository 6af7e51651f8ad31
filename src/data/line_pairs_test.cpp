#include "data/line_pairs.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::vector<LinePair> of_one(std::string_view text, InvalidText policy = InvalidText::error) {
  BadExampleList refused;
  return read_line_pairs(ByteSource(text), "p.tsv", policy, refused);
}
std::vector<LinePair> of_two(std::string_view sources, std::string_view targets) {
  BadExampleList refused;
  return read_line_pairs(ByteSource(sources), "s.txt", ByteSource(targets), "t.txt", InvalidText::error,
                         refused);
}

TEST(LinePairs, OfOneFile) {
  EXPECT_THAT(of_one("a b\tc\r\nd\t e"), ElementsAre(LinePair{"a b", "c"}, LinePair{"d", " e"}));
  EXPECT_THAT(of_one(""), ElementsAre());
  EXPECT_THAT(of_one("a\t\xFF\n", InvalidText::replace), ElementsAre(LinePair{"a", "\xEF\xBF\xBD"}));
}

TEST(LinePairs, OfTwoFiles) {
  EXPECT_THAT(of_two("a\tb\nc", "1\n2\n"), ElementsAre(LinePair{"a\tb", "1"}, LinePair{"c", "2"}));
  EXPECT_THAT(of_two("", ""), ElementsAre());
}

TEST(LinePairs, WhatIsNoPairIsNamedByItsLine) {
  const auto refuses = [](const std::string& text, const char* message) {
    EXPECT_THAT([&] { of_one(text); }, ThrowsMessage<DataError>(HasSubstr(message)));
  };
  refuses("a\tb\n\nc\td\n", "p.tsv, line 2: found an empty line");
  refuses("a\tb\nc d\n", "p.tsv, line 2: found no TABs");
  refuses("a\tb\tc\n", "p.tsv, line 1: found 2 TABs");
  refuses("a\tb\n \tb\n", "p.tsv, line 2: found no source");
  refuses("a\tb\na\t\r\n", "p.tsv, line 2: found no target");
  refuses("a\tb\na\tb\xC3\n", "p.tsv, line 2, byte 4 of it: found 0xc3");
  const auto refuses_two = [](const char* sources, const char* targets, const char* message) {
    EXPECT_THAT([&] { of_two(sources, targets); }, ThrowsMessage<DataError>(HasSubstr(message)));
  };
  refuses_two("a\nb\n", "1\n", "t.txt: found 1 lines, but s.txt has more");
  refuses_two("a\n", "1\n2\n", "s.txt: found 1 lines, but t.txt has more");
  refuses_two("a\n\n", "1\n2\n", "s.txt, line 2: found no source");
  refuses_two("a\nb\n", "1\n \n", "t.txt, line 2: found no target");
}

TEST(LinePairs, BadLinesAreLeftOutAndListed) {
  const auto names = [](const BadExampleList& bad) {
    std::vector<std::string> all;
    for (const BadExample& one : bad.list()) all.push_back(one.name);
    return all;
  };
  BadExampleList bad(BadExamples{.skipped = true});
  EXPECT_THAT(read_line_pairs(ByteSource(std::string_view("a\tb\n\nc d\n\xC3\te\nf\tg\n")), "p.tsv",
                              InvalidText::error, bad),
              ElementsAre(LinePair{"a", "b"}, LinePair{"f", "g"}));
  EXPECT_THAT(names(bad), ElementsAre("p.tsv, line 2", "p.tsv, line 3", "p.tsv, line 4"));
  EXPECT_THAT(bad.list()[2].reason, HasSubstr("byte 1 of it: found 0xc3"));
  // Of two files the lines stay side by side.
  BadExampleList of_both(BadExamples{.skipped = true});
  EXPECT_THAT(
      read_line_pairs(ByteSource(std::string_view("\nb\nc\n")), "s.txt",
                      ByteSource(std::string_view("1\n \n3\n")), "t.txt", InvalidText::error, of_both),
      ElementsAre(LinePair{"c", "3"}));
  EXPECT_THAT(names(of_both), ElementsAre("s.txt, line 1", "t.txt, line 2"));
}

}  // namespace
}  // namespace carousel
