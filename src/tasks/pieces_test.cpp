// Byte-pair pieces end to end: learnt from the training part alone, the same bytes again, judged by the
// character and by the word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "base/file.h"
#include "support/folder_test.h"
#include "tasks/generate.h"
#include "tasks/language_evaluation.h"
#include "tasks/settings_file.h"
#include "tasks/translate_evaluation.h"

namespace carousel {
namespace {

class Pieces : public testing::FolderTest {
 protected:
  GenerateSettings language() const {
    GenerateSettings settings;
    settings.data = path("text.txt");
    settings.unit = GenerateUnit::piece;
    settings.vocabulary = 290;
    settings.hidden = 12;
    settings.embedding = 8;
    settings.chunk = 25;
    settings.split = SplitFractions{0.8, 0.1, 0.1};
    settings.training.batch = 4;
    settings.training.epochs = 2;
    settings.training.schedule.learning_rate = 0.02;
    return settings;
  }
  /// Two sentences in turn, and words that only the last tenth has.
  std::string text() const {
    std::string all;
    for (int i = 0; i < 300; ++i)
      all += i < 270 ? (i % 2 == 0 ? "the \xC3\xA4lteste house\n" : "  the mouse,\thouse\n")
                     : "quartzquartz \xE2\x82\xAC\n";
    return all;
  }

  ThreadPool pool_{1};
};

TEST_F(Pieces, AreLearntFromTheTrainingPartAndLeaveNothingUnknown) {
  write_file(path("text.txt"), text());
  const LanguageData data = prepare_language_data(language());
  const Vocabulary& vocabulary = data.coding.vocabulary;
  EXPECT_LE(vocabulary.size(), 291u);
  EXPECT_NE(vocabulary.number("the"), Vocabulary::kUnknown);
  EXPECT_NE(vocabulary.number("\xC3\xA4"), Vocabulary::kUnknown);
  EXPECT_EQ(vocabulary.number("quartz"), Vocabulary::kUnknown);
  EXPECT_EQ(vocabulary.number("\xE2\x82\xAC"), Vocabulary::kUnknown);
  std::string joined;
  for (const std::size_t symbol : data.symbols) joined += vocabulary.symbol(symbol);
  EXPECT_EQ(joined, text());
  EXPECT_EQ(data.parts.train.begin, 0u);
  EXPECT_EQ(data.parts.train.end, data.parts.validation.begin);
  EXPECT_EQ(data.parts.test.end, data.symbols.size());
}

TEST_F(Pieces, TheSameRunAgainGivesTheSameBytesOnAnyNumberOfThreads) {
  write_file(path("text.txt"), text());
  train_generate(language(), {path("a")}, pool_, nullptr);
  ThreadPool two(2);
  train_generate(read_settings<GenerateSettings>(path("a/run.toml")), {path("b")}, two, nullptr);
  EXPECT_EQ(bytes("a/model.safetensors"), bytes("b/model.safetensors"));
}

TEST_F(Pieces, AreJudgedByTheCharacterTheyAreMadeOf) {
  write_file(path("text.txt"), text());
  train_generate(language(), {path("run")}, pool_, nullptr);
  const std::string other = "the \xC3\xA4lteste mouse, \xE2\x82\xAC\xE2\x82\xAC quartz\n";
  write_file(path("other.txt"), other);
  const LanguageEvaluation evaluation = evaluate_generate(path("run"), path("other.txt"), pool_);
  const LanguageModel model = load_language_model(path("run"));
  const std::vector<std::size_t> symbols = model.coding.numbers(other, "other");
  EXPECT_EQ(evaluation.unknown, 0u);
  EXPECT_EQ(evaluation.symbols, symbols.size() - 1);
  const std::size_t first = count_characters(model.coding.vocabulary.symbol(symbols.front())),
                    characters = pieces(other, TextUnit::character).size() - first;
  const double nats = evaluation.model.nats * static_cast<double>(evaluation.symbols);
  EXPECT_NEAR(evaluation.model.nats_per_character, nats / static_cast<double>(characters), 1e-12);
  EXPECT_NEAR(evaluation.model.bits_per_character, evaluation.model.nats_per_character / std::numbers::ln2,
              1e-12);
  EXPECT_EQ(valid_text(evaluation.sample, "", InvalidText::error), evaluation.sample);
}

TEST_F(Pieces, OfATranslatorAreJudgedByTheWord) {
  std::string pairs;
  for (int i = 0; i < 80; ++i)
    pairs += "we see " + std::to_string(i) + " \xC3\xA4lteste dogs\tnous  voyons " + std::to_string(i) +
             " chiens\n";
  write_file(path("pairs.tsv"), pairs);
  TranslateSettings settings;
  settings.data = path("pairs.tsv");
  settings.source_unit = settings.target_unit = LineUnit::piece;
  settings.vocabulary = 280;
  settings.hidden = 12;
  settings.embedding = 8;
  settings.training.batch = 8;
  settings.training.epochs = 2;
  train_translate(settings, {path("run")}, pool_, nullptr);
  const TranslateModel model = load_translator(path("run"));
  EXPECT_TRUE(model.coding.sources.byte_pairs() && model.coding.targets.byte_pairs());
  const TranslateEvaluation evaluation = evaluate_translate(path("run"), std::nullopt, pool_);
  EXPECT_EQ(evaluation.unknown, 0u);
  EXPECT_FALSE(std::isnan(evaluation.model.bleu));
  const TranslateExample known = read_own_pairs(model.coding).examples.front();
  const std::string source = line_text(known.source, LineUnit::piece),
                    target = line_text(known.targets.front(), LineUnit::piece);
  EXPECT_TRUE(target.starts_with("nous  voyons "));
  // What stands in the training part nearest finds to the blank.
  write_file(path("one.tsv"), source + "\t" + target + '\n');
  const TranslateEvaluation one = evaluate_translate(path("run"), path("one.tsv"), pool_);
  EXPECT_EQ(one.baselines.back().name, "nearest");
  EXPECT_EQ(one.baselines.back().line_error_rate, 0);
  train_translate(read_settings<TranslateSettings>(path("run/run.toml")), {path("again")}, pool_, nullptr);
  EXPECT_EQ(bytes("run/model.safetensors"), bytes("again/model.safetensors"));
}

}  // namespace
}  // namespace carousel
