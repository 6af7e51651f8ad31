// Byte-pair pieces: SentencePiece's own encoder is the oracle of ours; any text comes back.
#include "data/byte_pairs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <random>

#include "base/file.h"
#include "data/text.h"
#include "data/vocabulary.h"

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> learnt(const std::string& text, std::size_t most) {
  return learn_byte_pairs(pieces(text, TextUnit::piece), most);
}

std::vector<std::string> cut(const Vocabulary& vocabulary, const std::string& text) {
  std::vector<std::string> out;
  for (const std::size_t number : vocabulary.numbers(pieces(text, TextUnit::piece)))
    out.push_back(vocabulary.symbol(number));
  return out;
}

std::string joined(const std::vector<std::string>& symbols) {
  std::string text;
  for (const std::string& symbol : symbols) text += symbol;
  return text;
}

std::string example_text() {
  std::string text = read_file(CAROUSEL_EXAMPLE_DATA "/../../README.md", 1 << 24);
  for (int i = 0; i < 40; ++i)
    text += "Fürwahr, drei Äpfel und " + std::to_string(i * i) + " Nüsse – größer wär’s süßer.\n";
  return text;
}

/// Well-formed characters of all lengths, and those that mean something to SentencePiece, to us or to files.
std::string random_text(std::mt19937& random, std::size_t characters) {
  static const std::vector<std::string> kSpecial = {" ",
                                                    "  ",
                                                    "\n",
                                                    "\r\n",
                                                    "\t",
                                                    " \t ",
                                                    std::string(1, '\0'),
                                                    "\x7F",
                                                    "\xE2\x96\x81",
                                                    "\xE2\x96\x85",
                                                    " \xE2\x81\x87 ",
                                                    "\xEF\xBF\xBD",
                                                    "<unk>",
                                                    "<s>",
                                                    "<0x41>",
                                                    "\xE2\x80\xA8",
                                                    "\xC2\xA0",
                                                    "\xEF\xBB\xBF",
                                                    "the",
                                                    " the"};
  std::string text;
  for (std::size_t i = 0; i < characters; ++i) {
    if (random() % 3 == 0) {
      text += kSpecial[random() % kSpecial.size()];
      continue;
    }
    const unsigned bits = 7 + 5 * (random() % 3 > 0) + 4 * (random() % 3 > 1) + 4 * (random() % 4 > 2);
    const auto code = static_cast<unsigned>(random() % (1U << bits));
    std::string one;
    if (code < 0x80) {
      one = static_cast<char>(code);
    } else {
      const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
      one += static_cast<char>((more == 1 ? 0xC0U : more == 2 ? 0xE0U : 0xF0U) | (code >> (6 * more)));
      for (int k = more - 1; k >= 0; --k) one += static_cast<char>(0x80U | ((code >> (6 * k)) & 0x3FU));
    }
    if (well_formed_character(one) == one.size()) text += one;  // no surrogates
  }
  return text;
}

TEST(BytePairs, TheCommonestNeighboursAreMergedFirst) {
  // t h 7 times, then th e 5; a blank goes with the word behind it.
  const std::string text = " the the the the the that this";
  const Vocabulary vocabulary = Vocabulary::of_byte_pairs(learnt(text, 3));
  EXPECT_EQ(vocabulary.size(), 1 + 256 + 3u);
  EXPECT_THAT(cut(vocabulary, " the thin"), ElementsAre(" the", " th", "i", "n"));
  EXPECT_THAT(vocabulary.symbols().subspan(257), ElementsAre("th", " th", " the"));
}

TEST(BytePairs, WhatIsLeftToBytesIsWrittenInThem) {
  const Vocabulary none = Vocabulary::of_byte_pairs({});
  EXPECT_THAT(cut(none, "a\xC3\xA4"), ElementsAre("a", "\xC3", "\xA4"));
  const Vocabulary one = Vocabulary::of_byte_pairs({"\xC3\xA4"});
  EXPECT_THAT(cut(one, "a\xC3\xA4\xC3\xB6"), ElementsAre("a", "\xC3\xA4", "\xC3", "\xB6"));
  EXPECT_EQ(one.number("a"), 1u + 'a');
}

TEST(BytePairs, AnyTextComesBackWhateverWasLearnt) {
  std::mt19937 random(3);
  for (const std::size_t most : {1, 2, 30, 700, 5000}) {
    const std::string training = random_text(random, 3000);
    const std::vector<std::string> pairs = learnt(training, most);
    EXPECT_LE(pairs.size(), most);
    const Vocabulary vocabulary = Vocabulary::of_byte_pairs(pairs);
    for (const std::string& text :
         {training, random_text(random, 3000), std::string(), std::string("   \n\n\t x  ")}) {
      EXPECT_EQ(joined(cut(vocabulary, text)), text);
      const auto numbers = vocabulary.numbers(pieces(text, TextUnit::piece));
      EXPECT_EQ(std::ranges::count(numbers, Vocabulary::kUnknown), 0);
    }
  }
}

TEST(BytePairs, AWordOfAnyLengthIsCutAndComesBack) {
  std::string text;
  for (unsigned i = 0; i < 70000; ++i)
    text += "\xE4\xBB" + std::string(1, static_cast<char>(0x80 + i * i % 64));
  const Vocabulary vocabulary = Vocabulary::of_byte_pairs(learnt(text, 200));
  EXPECT_EQ(joined(cut(vocabulary, text)), text);
  for (const std::string_view word : pieces(text, TextUnit::piece)) {
    EXPECT_LE(word.size(), kLongestRun + 3);
    EXPECT_EQ(well_formed_character(word), 3u);
  }
}

TEST(BytePairs, AsManyAsAskedForOrAllThatThereAre) {
  const std::string text = example_text();
  for (const std::size_t most : {5, 50, 300}) EXPECT_EQ(learnt(text, most).size(), most);
  const std::vector<std::string> all = learnt(text, 100'000);
  EXPECT_LT(all.size(), 100'000u);
  const Vocabulary vocabulary = Vocabulary::of_byte_pairs(all);
  const auto words = pieces(text, TextUnit::piece);
  const auto whole = std::ranges::count_if(
      words, [&](std::string_view word) { return vocabulary.number(word) != Vocabulary::kUnknown; });
  EXPECT_GT(static_cast<double>(whole), 0.99 * static_cast<double>(words.size()));
  EXPECT_THAT(learnt("", 10), IsEmpty());
  EXPECT_THAT(learnt("\n\t\n", 10), IsEmpty());
}

TEST(BytePairs, TheSameTextGivesTheSamePieces) {
  const std::string text = example_text();
  EXPECT_EQ(learnt(text, 400), learnt(text, 400));
}

/// A model of SentencePiece's with the same merges: trained on the words of the text as its lines.
TEST(BytePairs, AWordIsCutAsSentencePieceCutsIt) {
  namespace sp = sentencepiece;
  class Words final : public sp::SentenceIterator {
   public:
    explicit Words(std::vector<std::string> words) : words_(std::move(words)) {}
    bool done() const override { return at_ == words_.size(); }
    void Next() override { ++at_; }
    const std::string& value() const override { return words_[at_]; }
    sp::util::Status status() const override { return {}; }

   private:
    std::vector<std::string> words_;
    std::size_t at_ = 0;
  };
  const std::string text = example_text();
  std::vector<std::string> words;
  for (const std::string_view word : pieces(text, TextUnit::piece))
    if (word != "\n" && word != " \n") words.emplace_back(word);
  Words lines(words);
  std::string model;
  ASSERT_TRUE(sp::SentencePieceTrainer::Train({{"model_type", "bpe"},
                                               {"vocab_size", "900"},
                                               {"character_coverage", "1"},
                                               {"normalization_rule_name", "identity"},
                                               {"add_dummy_prefix", "false"},
                                               {"remove_extra_whitespaces", "false"},
                                               {"split_by_unicode_script", "false"},
                                               {"split_by_number", "false"},
                                               {"minloglevel", "2"}},
                                              &lines, &model)
                  .ok());
  sp::SentencePieceProcessor oracle;
  ASSERT_TRUE(oracle.LoadFromSerializedProto(model).ok());
  std::vector<std::string> merges;
  for (int id = 0; id < oracle.GetPieceSize(); ++id) {
    std::string piece = oracle.IdToPiece(id);
    if (piece.starts_with("\xE2\x96\x81")) piece.replace(0, 3, " ");
    if (!oracle.IsControl(id) && !oracle.IsUnknown(id) && piece.size() > 1) merges.push_back(piece);
  }
  const Vocabulary vocabulary = Vocabulary::of_byte_pairs(merges);
  EXPECT_EQ(learnt(text, merges.size()), merges);
  for (const std::string& word : words) {
    std::vector<std::string> expected;
    ASSERT_TRUE(oracle.Encode(word, &expected).ok());
    for (std::string& piece : expected)
      if (piece.starts_with("\xE2\x96\x81")) piece.replace(0, 3, " ");
    EXPECT_EQ(cut(vocabulary, word), expected) << word;
  }
}

}  // namespace
}  // namespace carousel
