// Suggestions against the network read from the beginning each time.
#include "tasks/suggester.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "base/random.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Weights as they begin: what is told is arbitrary, and the same in each call.
LanguageModel model_of(GenerateUnit unit) {
  // On the heap, where g++ 12 does not take the optional's text for one that has not been made.
  const auto settings = std::make_unique<GenerateSettings>();
  settings->unit = unit;
  settings->layers = "lstm 9";
  settings->embedding = 5;
  LanguageCoding coding{*settings,
                        Vocabulary({"\n", " ", " old", " older", " oak", " sea", "The", "the", "."})};
  Network<float> network = build_language_network(coding);
  return {std::move(coding), std::move(network), {}};
}

/// By definition: the model's probability of each word that fits, shared out among those.
std::vector<Suggestion> expected(const LanguageModel& model, const std::string& read, const std::string& open,
                                 std::size_t most) {
  TextGenerator generator(model);
  const std::vector<std::size_t> symbols = model.coding.numbers(read, "test");
  if (!symbols.empty()) generator.read(symbols);
  std::vector<Suggestion> out;
  double total = 0;
  for (const std::string word : {" oak", " old", " older", " sea", "The", "the"}) {
    if (!word.starts_with(open)) continue;
    const double p =
        std::exp(static_cast<double>(generator.log_probabilities()[model.coding.vocabulary.number(word)]));
    out.push_back({word.substr(word[0] == ' ' ? 1 : 0), p});
    total += p;
  }
  for (Suggestion& suggestion : out) suggestion.probability /= total;
  std::ranges::stable_sort(out, std::greater(), &Suggestion::probability);
  out.resize(std::min(most, out.size()));
  return out;
}

void expect_same(const std::vector<Suggestion>& got, const std::vector<Suggestion>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].word, want[i].word);
    EXPECT_NEAR(got[i].probability, want[i].probability, 1e-6);
  }
}

TEST(Suggester, CompletesTheWordThatATextEndsInTheMiddleOf) {
  const LanguageModel model = model_of(GenerateUnit::word);
  expect_same(Suggester(model).suggest("the o", 9), expected(model, "the", " o", 9));
  expect_same(Suggester(model).suggest("the old", 9), expected(model, "the", " old", 9));
  expect_same(Suggester(model).suggest("T", 9), expected(model, "", "T", 9));
  EXPECT_TRUE(Suggester(model).suggest("the x", 9).empty());
}

TEST(Suggester, TellsTheNextWordBehindABlankAStopOrNothing) {
  const LanguageModel model = model_of(GenerateUnit::word);
  expect_same(Suggester(model).suggest("the ", 9), expected(model, "the", " ", 9));
  expect_same(Suggester(model).suggest("the sea.", 9), expected(model, "the sea.", "", 9));
  expect_same(Suggester(model).suggest("", 2), expected(model, "", "", 2));
}

TEST(Suggester, TypingDeletingAndStartingAnewGiveTheSameAsReadingAllAgain) {
  const LanguageModel model = model_of(GenerateUnit::word);
  Suggester typed(model);
  for (const std::string text : {"t", "the", "the ", "the o", "the old", "the old s", "the old sea",
                                 "the old", "the ", "the sea.", "the sea. The", "", "The old oak sea"})
    expect_same(typed.suggest(text, 4), Suggester(model).suggest(text, 4));
}

/// Letters, words and marks put in and taken out anywhere.
TEST(Suggester, AnyEditGivesTheSameAsReadingAllAgain) {
  const LanguageModel model = model_of(GenerateUnit::word);
  Suggester edited(model);
  const Random random(5, 0);
  const std::vector<std::string> parts = {" ", "the", " old", "er", ".", "\n", "  ", "x", " oak", "\xC3\xA4"};
  std::string text;
  for (std::uint64_t edit = 0, drawn = 0; edit < 300; ++edit) {
    const std::size_t at = edit % 3 == 0 ? random.below(drawn++, text.size() + 1) : text.size();
    if (edit % 5 == 4)
      text.resize(at / 2);
    else if (const std::string& part = parts[random.below(drawn++, parts.size())];
             well_formed_character(std::string_view(text).substr(at)) > 0 || at == text.size())
      text.insert(at, part);
    text = valid_text(text, "", InvalidText::replace);
    expect_same(edited.suggest(text, 3), Suggester(model).suggest(text, 3));
  }
}

TEST(Suggester, ProbabilitiesOfAllThatFitsAddUpToOne) {
  const LanguageModel model = model_of(GenerateUnit::word);
  double sum = 0;
  for (const Suggestion& suggestion : Suggester(model).suggest("the ", 100)) sum += suggestion.probability;
  EXPECT_NEAR(sum, 1, 1e-6);
}

TEST(Suggester, AModelOfAnythingButWordsIsRefused) {
  for (const GenerateUnit unit : {GenerateUnit::character, GenerateUnit::piece}) {
    const LanguageModel model = model_of(unit);
    EXPECT_THAT([&] { Suggester{model}; }, ThrowsMessage<ModelError>(HasSubstr("train it with --unit word")));
  }
}

}  // namespace
}  // namespace carousel
