#include "data/line_symbols.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carousel {
namespace {

using ::testing::ElementsAre;

TEST(LineSymbols, AreCharactersWordsOrTokens) {
  EXPECT_THAT(line_symbols("a\xC3\xA4 b", LineUnit::character), ElementsAre("a", "\xC3\xA4", " ", "b"));
  EXPECT_THAT(line_symbols("Oh, no!  Oh", LineUnit::word), ElementsAre(" Oh", ",", " no", "!", " Oh"));
  EXPECT_THAT(line_symbols("  AH  B-1 , ", LineUnit::token), ElementsAre("AH", "B-1", ","));
  EXPECT_THAT(line_symbols("Oh, no!  Oh", LineUnit::piece), ElementsAre(" Oh", ",", " no", "!", "  ", "Oh"));
  for (const LineUnit unit : {LineUnit::character, LineUnit::word, LineUnit::token, LineUnit::piece})
    EXPECT_THAT(line_symbols("", unit), ElementsAre());
  EXPECT_THAT(line_symbols("  ", LineUnit::word), ElementsAre());
  EXPECT_THAT(line_symbols("  ", LineUnit::token), ElementsAre());
}

TEST(LineSymbols, MakeTheLineAgain) {
  for (const LineUnit unit : {LineUnit::character, LineUnit::word, LineUnit::token, LineUnit::piece})
    for (const char* line : {"", "a", "Zo\xC3\xAB's 2 dogs, \"big\" ones (both).", "( a )", "\t, tab"})
      EXPECT_EQ(line_text(line_symbols(line, unit), unit), line);
  EXPECT_EQ(line_text(line_symbols("  a   b ", LineUnit::character), LineUnit::character), "  a   b ");
  EXPECT_EQ(line_text(line_symbols("  a   b ", LineUnit::word), LineUnit::word), "a b");
  EXPECT_EQ(line_text(line_symbols("  a   b ", LineUnit::piece), LineUnit::piece), "  a   b ");
}

TEST(LineSymbols, BytesThatMakeNoCharactersAreReplaced) {
  EXPECT_EQ(line_text(std::vector<std::string>{" a", "\xC3", "\xA4", "\xE2", "b"}, LineUnit::piece),
            "a\xC3\xA4\xEF\xBF\xBD\x62");
}

}  // namespace
}  // namespace carousel
