// A language model beside a prefix search, against the language model read from the beginning each time.
#include "tasks/text_symbol_model.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/folder_test.h"
#include "tasks/text_generator.h"
#include "tasks/transcription.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

SequenceCoding coding_of(SymbolUnit unit, const std::vector<std::string>& symbols) {
  SequenceCoding coding;
  coding.settings.job = SequenceJob::transcribe;
  coding.settings.unit = unit;
  coding.targets = Vocabulary(symbols);
  return coding;
}

class TextSymbols : public testing::FolderTest {
 protected:
  /// A language model's file, with weights as they begin: what it tells is arbitrary, and the same in each
  /// call.
  std::string saved(GenerateUnit unit, const std::vector<std::string>& symbols) const {
    GenerateSettings settings;
    settings.data = "text.txt";
    settings.unit = unit;
    settings.layers = "lstm 9";
    settings.embedding = 5;
    settings.chunk = 8;
    settings.split = SplitFractions{0.8, 0.1, 0.1};
    settings.training.epochs = settings.training.batch = 1;
    const LanguageCoding coding{settings, Vocabulary(symbols)};
    const std::string file = path("language.safetensors");
    save_language_model(file, coding, build_language_network(coding), {});
    return file;
  }
  static std::vector<double> told(const SymbolModel& model, const SymbolModel::State& state, std::size_t n) {
    std::vector<double> out(n);
    model.log_probabilities(state, out);
    return out;
  }
  /// What the language model says behind a text of its own symbols.
  static std::vector<float> behind(const LanguageModel& model, const std::vector<std::string>& read,
                                   const std::vector<std::string>& next) {
    TextGenerator generator(model);
    for (const std::string& symbol : read) {
      const std::size_t number = model.coding.vocabulary.number(symbol);
      generator.read({&number, 1});
    }
    std::vector<float> out;
    for (const std::string& symbol : next)
      out.push_back(generator.log_probabilities()[model.coding.vocabulary.number(symbol)]);
    return out;
  }
};

TEST_F(TextSymbols, PrefixesOfCharactersAreReadAsTheTextIs) {
  const std::string file = saved(GenerateUnit::character, {"\n", "c", "b", "a"});
  const LanguageModel language = load_language_model(file);
  const auto model = load_symbol_model(file, coding_of(SymbolUnit::character, {"a", "b", "ü"}));
  const auto nothing = model->start();
  const auto b = model->after(*nothing, 1), ba = model->after(*b, 0), bb = model->after(*b, 1);
  const std::vector<std::string> symbols = {"a", "b", "ü"};  // the last is unknown to it
  EXPECT_THAT(told(*model, *nothing, 3), ::testing::ElementsAreArray(behind(language, {}, symbols)));
  EXPECT_THAT(told(*model, *ba, 3), ::testing::ElementsAreArray(behind(language, {"b", "a"}, symbols)));
  EXPECT_THAT(told(*model, *bb, 3), ::testing::ElementsAreArray(behind(language, {"b", "b"}, symbols)));
  EXPECT_THAT(told(*model, *b, 3), ::testing::ElementsAreArray(behind(language, {"b"}, symbols)));
}

TEST_F(TextSymbols, WordsBehindTheFirstHaveABlankBeforeThem) {
  const std::string file = saved(GenerateUnit::word, {"\n", "old", " old", "sea", " sea"});
  const LanguageModel language = load_language_model(file);
  const auto model = load_symbol_model(file, coding_of(SymbolUnit::word, {"sea", "old"}));
  EXPECT_THAT(told(*model, *model->start(), 2),
              ::testing::ElementsAreArray(behind(language, {}, {"sea", "old"})));
  const auto old = model->after(*model->start(), 1);
  EXPECT_THAT(told(*model, *old, 2),
              ::testing::ElementsAreArray(behind(language, {"old"}, {" sea", " old"})));
  const auto old_sea = model->after(*old, 0);
  EXPECT_THAT(told(*model, *old_sea, 2),
              ::testing::ElementsAreArray(behind(language, {"old", " sea"}, {" sea", " old"})));
}

TEST_F(TextSymbols, TheLanguageDecidesWhatIsHeardAlike) {
  const std::string file = saved(GenerateUnit::character, {"\n", "a", "b"});
  const SequenceCoding coding = coding_of(SymbolUnit::character, {"a", "b"});
  const std::vector<float> first = behind(load_language_model(file), {}, {"a", "b"});
  ASSERT_NE(first[0], first[1]);
  Sequences<float> y(std::vector<std::size_t>{2}, 3);
  const float alike = std::log(0.45f), blank = std::log(0.1f), seldom = std::log(0.05f),
              mostly = std::log(0.9f);
  std::ranges::copy(std::array{alike, alike, blank}, y.at(0, 0).begin());
  std::ranges::copy(std::array{seldom, seldom, mostly}, y.at(0, 1).begin());
  ReadingSearch search{
      .width = 4, .symbol_bonus = 1, .language = load_symbol_model(file, coding), .language_weight = 1};
  EXPECT_EQ(text_of(read_out(coding, y, 0, 2, search), coding), first[0] > first[1] ? "a" : "b");
  // Of two that are likelier than one, the language wants none; a bonus makes up for it.
  search.symbol_bonus = -1000;
  EXPECT_EQ(text_of(read_out(coding, y, 0, 2, search), coding), "");
}

TEST_F(TextSymbols, ALanguageOfOtherThingsIsRefused) {
  const SequenceCoding digits = coding_of(SymbolUnit::character, {"1", "2"});
  const std::string letters = saved(GenerateUnit::character, {"\n", "a", "b"});
  EXPECT_THAT([&] { load_symbol_model(letters, digits); },
              ThrowsMessage<SettingError>(HasSubstr("knows none of the symbols")));
  EXPECT_THAT([&] { load_symbol_model(letters, coding_of(SymbolUnit::word, {"a"})); },
              ThrowsMessage<SettingError>(HasSubstr("--unit word")));
}

}  // namespace
}  // namespace carousel
