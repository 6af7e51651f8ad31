#include "data/text.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "data/vocabulary.h"

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(Text, WhatIsNotUtf8IsNamedByItsPlace) {
  const auto refusal = [](const std::string& text) {
    try {
      valid_text(text, "a.txt", InvalidText::error);
    } catch (const DataError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal("plain \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x8E\xA0"), "");
  EXPECT_THAT(refusal("one\ntwo \xC3\xA4\xFFx"), HasSubstr("a.txt, line 2, byte 7 of it: found 0xff"));
  EXPECT_THAT(refusal("\x80"), HasSubstr("line 1, byte 1 of it: found 0x80"));
  // Cut short, overlong, a surrogate, beyond the last code point, a continuation that is none.
  for (const char* text : {"\xE2\x82", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xF5\x80\x80\x80", "\xE2\x28\xA1", "\xF0\x9F\x8E"})
    EXPECT_THAT(refusal(text), HasSubstr("line 1, byte 1"));
}

TEST(Text, WhatIsNotUtf8IsReplacedByteByByte) {
  EXPECT_EQ(valid_text("a\xFF\xFEz", "", InvalidText::replace), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(valid_text("a\xE2\x82", "", InvalidText::replace), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(valid_text("\xC3\xA4", "", InvalidText::replace), "\xC3\xA4");
  EXPECT_EQ(valid_text("", "", InvalidText::replace), "");
}

TEST(Text, PiecesJoinedAreTheText) {
  EXPECT_THAT(pieces("a\xC3\xA4\xE2\x82\xAC\n", TextUnit::character),
              ElementsAre("a", "\xC3\xA4", "\xE2\x82\xAC", "\n"));
  EXPECT_THAT(pieces("Don't  go, Zo\xC3\xAB! 42\n\n x", TextUnit::word),
              ElementsAre("Don't", "  ", "go", ",", " Zo\xC3\xAB", "!", " 42", "\n", "\n", " x"));
  EXPECT_THAT(pieces(" ", TextUnit::word), ElementsAre(" "));
  EXPECT_THAT(pieces("", TextUnit::word), ElementsAre());
  std::string text;
  for (int c = 1; c < 128; ++c) text += std::string(1 + c % 3, static_cast<char>(c));
  for (const TextUnit unit : {TextUnit::character, TextUnit::word}) {
    std::string joined;
    for (const std::string_view piece : pieces(text, unit)) joined += piece;
    EXPECT_EQ(joined, text);
  }
}

TEST(Vocabulary, HoldsTheMostFrequentInOrder) {
  const std::vector<std::string_view> text = {"c", "a", "b", "a", "c", "a", "d"};
  const Vocabulary all = Vocabulary::of(text, 100), three = Vocabulary::of(text, 3);
  EXPECT_THAT(all.symbols(), ElementsAre("\xEF\xBF\xBD", "a", "b", "c", "d"));
  EXPECT_THAT(three.symbols(), ElementsAre("\xEF\xBF\xBD", "a", "b", "c"));  // b and d are as frequent
  EXPECT_THAT(three.numbers(text), ElementsAre(3, 1, 2, 1, 3, 1, 0));
  EXPECT_EQ(three.number(""), Vocabulary::kUnknown);
}

/// However bytes arrive, what has been given is as much of the text as can be known.
TEST(Text, ACharacterStreamGivesWholeCharactersAsSoonAsTheyAre) {
  const std::string text = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x8E\xA0\xEF\xBF\xBD\xED\x9F\xBF\xF4\x8F\xBF\xBF.";
  CharacterStream bytes;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += bytes.add(text.substr(i, 1));
    std::size_t whole = i + 1;
    while (valid_text(text.substr(0, whole), "", InvalidText::replace) != text.substr(0, whole)) --whole;
    EXPECT_EQ(out, text.substr(0, whole)) << i;
  }
  EXPECT_EQ(bytes.end(), "");
  EXPECT_EQ(CharacterStream().add(text), text);
}

TEST(Text, ACharacterStreamReplacesWhatNothingCanMakeACharacterOf) {
  const std::string replaced = "\xEF\xBF\xBD";
  CharacterStream bytes;
  EXPECT_EQ(bytes.add("\x80"), replaced);
  EXPECT_EQ(bytes.add("\xE2\x82"), "");
  EXPECT_EQ(bytes.add("x"), replaced + replaced + "x");
  EXPECT_EQ(bytes.add("\xE0\x80"), replaced + replaced);  // overlong
  EXPECT_EQ(bytes.add("\xF4\x90\xC0\xED"), replaced + replaced + replaced);
  EXPECT_EQ(bytes.add("\xA0"), replaced + replaced);  // a surrogate
  EXPECT_EQ(bytes.add("z\xF0\x9F\x8E"), "z");
  EXPECT_EQ(bytes.end(), replaced + replaced + replaced);
  EXPECT_EQ(bytes.end(), "");
}

TEST(Vocabulary, ReadBackFromItsTextIsTheSame) {
  for (const Vocabulary& vocabulary :
       {Vocabulary({"\n", "a\"\\", "\xC3\xA4"}), Vocabulary::of_byte_pairs({" th", " the", "\xC3\xA4"}),
        Vocabulary::of_byte_pairs({}), Vocabulary(std::vector<std::string>())}) {
    const Vocabulary again = Vocabulary::parse(vocabulary.text());
    EXPECT_EQ(again.byte_pairs(), vocabulary.byte_pairs());
    EXPECT_TRUE(std::ranges::equal(again.symbols(), vocabulary.symbols()));
  }
}

TEST(Vocabulary, WhatIsNoVocabularyIsRefused) {
  for (const char* text :
       {"", "[", "{}", "[1]", "{\"byte_pairs\": 3}", "{\"byte_pairs\": [\"ab\", \"ab\"]}",
        "{\"byte_pairs\": [\"a\"]}", "{\"byte_pairs\": [\"\"]}", "{\"byte_pairs\": [\"\xFF\xFE\"]}",
        "{\"byte_pairs\": [[\"ab\"]]}", "[\"a\", \"a\"]", "3"})
    EXPECT_THROW(Vocabulary::parse(text), DataError) << text;
}

TEST(Vocabulary, ReadBackMustBeOne) {
  EXPECT_THAT(
      [] {
        Vocabulary({"a", "b", "a"});
      },
      ThrowsMessage<DataError>(HasSubstr("symbol 3 is there twice")));
  EXPECT_THAT([] { Vocabulary({"a", ""}); }, ThrowsMessage<DataError>(HasSubstr("empty")));
  EXPECT_EQ(Vocabulary({"\xEF\xBF\xBD", "x"}).size(), 2u);
}

}  // namespace
}  // namespace carousel
