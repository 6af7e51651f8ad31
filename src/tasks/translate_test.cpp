// A translator end to end: learning, the same bytes again, what it is judged by, and what it answers.
#include "tasks/translate.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/file.h"
#include "base/random.h"
#include "support/folder_test.h"
#include "tasks/settings_file.h"
#include "tasks/translate_evaluation.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Words of two to five letters.
std::string some_word(std::uint64_t number) {
  const Random random(3, number);
  std::string text(2 + random.below(0, 4), ' ');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + random.below(i + 1, 5));
  return text;
}
std::string turned(std::string word) {
  std::ranges::reverse(word);
  return word;
}

class Translate : public testing::FolderTest {
 protected:
  void SetUp() override {
    std::string text;
    for (std::uint64_t i = 0; i < 600; ++i) {
      const std::string word = some_word(i);
      text += word + '\t' + turned(word) + '\n';
    }
    write_file(path("words.tsv"), text);
  }
  TranslateSettings small() const {
    TranslateSettings settings;
    settings.data = path("words.tsv");
    settings.split = SplitFractions{0.8, 0.1, 0.1};
    settings.hidden = 16;
    settings.embedding = 8;
    settings.training.batch = 8;
    settings.training.epochs = 2;
    settings.training.schedule.learning_rate = 0.01;
    return settings;
  }
  void train(const std::string& run, ThreadPool& pool, RunSink* sink = nullptr) const {
    train_translate(small(), {path(run)}, pool, sink);
  }

  ThreadPool pool_{1};
};

TEST_F(Translate, LearnsToTurnWordsRound) {
  TranslateSettings settings = small();
  settings.training.epochs = 14;
  train_translate(settings, {path("run")}, pool_, nullptr);
  const TranslateEvaluation evaluation = evaluate_translate(path("run"), std::nullopt, pool_);
  EXPECT_LT(evaluation.model.line_error_rate, 0.15);
  EXPECT_LT(evaluation.model.symbol_error_rate, 0.06);
  EXPECT_TRUE(evaluation.beats_baselines);
  EXPECT_TRUE(std::isnan(evaluation.model.bleu));
  ASSERT_EQ(evaluation.baselines.size(), 3u);
  const TranslateModel model = load_translator(path("run"));
  const auto answers =
      translate(model, std::vector<std::vector<std::string>>{{"a", "b", "c", "e"}}, 4, 3, pool_);
  ASSERT_EQ(answers.front().size(), 3u);
  EXPECT_EQ(line_text(answers[0][0].symbols, LineUnit::character), "ecba");
  EXPECT_GT(answers[0][0].log_probability, answers[0][1].log_probability);
  EXPECT_EQ(answers[0][0].attention.shape(), (Shape{5, 4}));
}

/// Pair by pair through forward, where evaluate reads batches, and greedily by hand.
TEST_F(Translate, TheScoreIsThatOfThePairsOneByOne) {
  train("run", pool_);
  const TranslateEvaluation evaluation = evaluate_translate(path("run"), std::nullopt, pool_);
  const TranslateModel model = load_translator(path("run"));
  const TranslateData data = read_own_pairs(model.coding);
  const auto test = data.part(data.parts.test);
  const SymbolPairs pairs = numbered(test, model.coding);
  auto trace = model.network.make_trace();
  Sequences<float> logits;
  double nats = 0;
  std::size_t count = 0;
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const std::vector<std::size_t> one = {p};
    const Sequences<float> x = line_sequences(pairs.sources, one), y = line_sequences(pairs.targets, one);
    model.network.forward({.pool = &pool_}, x, y, 0, logits, trace);
    const auto target = pairs.targets[p];
    for (std::size_t t = 0; t <= target.size(); ++t) {
      const auto row = logits.at(0, t);
      double sum = 0;
      for (const float logit : row) sum += std::exp(static_cast<double>(logit));
      const std::size_t right = t < target.size() ? target[t] : model.coding.targets.size();
      nats += std::log(sum) - static_cast<double>(row[right]);
      ++count;
    }
  }
  EXPECT_NEAR(evaluation.loss, nats / static_cast<double>(count), 1e-6);
  std::size_t wrong = 0;
  for (const TranslateExample& example : test) {
    const auto answers =
        translate(model, std::span(&example.source, 1), model.coding.settings.beam, 1, pool_);
    wrong += std::ranges::find(example.targets, answers[0][0].symbols) == example.targets.end();
  }
  EXPECT_NEAR(evaluation.model.line_error_rate, static_cast<double>(wrong) / static_cast<double>(test.size()),
              1e-12);
}

TEST_F(Translate, TheSameRunAgainGivesTheSameBytesOnAnyNumberOfThreads) {
  train("a", pool_);
  for (const std::size_t threads : {2, 3}) {
    ThreadPool pool(threads);
    train_translate(read_settings<TranslateSettings>(path("a/run.toml")), {path("b")}, pool, nullptr);
    EXPECT_EQ(bytes("a/model.safetensors"), bytes("b/model.safetensors")) << threads;
    EXPECT_EQ(bytes("a/run.toml"), bytes("b/run.toml"));
    EXPECT_EQ(evaluate_translate(path("a"), std::nullopt, pool_).model.symbol_error_rate,
              evaluate_translate(path("b"), std::nullopt, pool).model.symbol_error_rate);
  }
}

struct Stopper : RunSink {
  std::size_t left;
  explicit Stopper(std::size_t batches) : left(batches) {}
  bool should_stop() override { return --left == 0; }
};

TEST_F(Translate, AStoppedRunResumedEndsWithTheSameBytes) {
  train("whole", pool_);
  for (const std::size_t stop : {1, 40, 75}) {
    Stopper stopper(stop);
    train("cut", pool_, &stopper);
    resume_translate({path("cut")}, pool_, nullptr);
    EXPECT_EQ(bytes("cut/model.safetensors"), bytes("whole/model.safetensors")) << stop;
  }
}

TEST_F(Translate, AnyReferenceIsRight) {
  train("run", pool_);
  const TranslateModel model = load_translator(path("run"));
  std::string one, both;
  for (const char* text : {"abc", "dd", "ea"}) {
    const std::string source = text;
    std::vector<std::vector<std::string>> sources = {line_symbols(source, LineUnit::character)};
    const auto answers = translate(model, sources, model.coding.settings.beam, 1, pool_);
    const std::string answer = line_text(answers[0][0].symbols, LineUnit::character);
    one += source + "\tzzzzzzzzzzzz\n";
    both += source + "\tzzzzzzzzzzzz\n" + source + '\t' + answer + '\n';
  }
  write_file(path("one.tsv"), one);
  write_file(path("both.tsv"), both);
  const TranslateEvaluation wrong = evaluate_translate(path("run"), path("one.tsv"), pool_),
                            right = evaluate_translate(path("run"), path("both.tsv"), pool_);
  EXPECT_EQ(wrong.model.line_error_rate, 1);
  EXPECT_GE(wrong.model.symbol_error_rate, 1);
  EXPECT_EQ(right.model.line_error_rate, 0);
  EXPECT_EQ(right.model.symbol_error_rate, 0);
  EXPECT_FALSE(right.test_part);
  EXPECT_EQ(right.sources, 3u);
  EXPECT_EQ(right.pairs, 6u);
}

TEST_F(Translate, BaselinesAreWhatTheySay) {
  train("run", pool_);
  const TranslateModel model = load_translator(path("run"));
  const TranslateData data = read_own_pairs(model.coding);
  const TranslateExample& known = data.part(data.parts.train).front();
  const std::string source = line_text(known.source, LineUnit::character);
  // Of the first pair copy is right, of the second nearest, of the third half of the symbols of copy.
  write_file(path("other.tsv"), "yyyy\tyyyy\n" + source + '\t' + turned(source) + "\nyxyx\tyyyy\n");
  const TranslateEvaluation evaluation = evaluate_translate(path("run"), path("other.tsv"), pool_);
  ASSERT_EQ(evaluation.baselines.size(), 3u);
  const TranslateScore &copy = evaluation.baselines[0], &nearest = evaluation.baselines[2];
  EXPECT_EQ(copy.name, "copy");
  const bool same = source == turned(source);
  EXPECT_NEAR(copy.line_error_rate, same ? 1.0 / 3 : 2.0 / 3, 1e-12);
  EXPECT_EQ(nearest.name, "nearest");
  EXPECT_NEAR(nearest.line_error_rate, 2.0 / 3, 1e-12);
  EXPECT_EQ(evaluation.unknown, 8u);
}

TEST_F(Translate, WordsHaveABleuScore) {
  std::string text;
  for (int i = 0; i < 60; ++i)
    text += fmt::format("we see {} dogs\tnous voyons {} chiens ici\n", i % 7, i % 7) +
            fmt::format("line {}\tla ligne est vraie {}\n", i, i % 3);
  write_file(path("words.tsv"), text);
  TranslateSettings settings = small();
  settings.source_unit = settings.target_unit = LineUnit::word;
  train_translate(settings, {path("run")}, pool_, nullptr);
  const TranslateEvaluation evaluation = evaluate_translate(path("run"), std::nullopt, pool_);
  for (const TranslateScore& score : evaluation.baselines) EXPECT_GE(score.bleu, 0) << score.name;
  EXPECT_GE(evaluation.model.bleu, 0);
  EXPECT_LE(evaluation.model.bleu, 1);
  EXPECT_GT(evaluation.baselines[2].bleu, evaluation.baselines[0].bleu);
}

/// Weights so large that the loss overflows.
TEST_F(Translate, AModelThatHasDivergedIsSaidToHave) {
  train("run", pool_);
  const TranslateModel model = load_translator(path("run"));
  const auto network = EncoderDecoder<float>::filled(
      model.network.spec(), 1, {.backward = false},
      [](const ParameterTable&, std::span<float> values) { std::ranges::fill(values, 1e38F); });
  save_translator(path("run/model.safetensors"), model.coding, network, model.provenance);
  const TranslateEvaluation evaluation = evaluate_translate(path("run"), std::nullopt, pool_);
  EXPECT_TRUE(evaluation.diverged);
  EXPECT_FALSE(evaluation.beats_baselines);
  EXPECT_TRUE(std::isnan(evaluation.model.line_error_rate));
}

TEST_F(Translate, AnEncoderWithoutAStateNeedsNoBridge) {
  TranslateSettings settings = small();
  settings.encoder = "md_lstm 2 size=2";
  settings.bridge = "none";
  settings.attention_width = 3;
  settings.training.epochs = 1;
  train_translate(settings, {path("run")}, pool_, nullptr);
  const TranslateModel model = load_translator(path("run"));
  EXPECT_THAT(model.coding.spec(), HasSubstr(" attention_width=3 bridge=none"));
  EXPECT_FALSE(translate(model, std::vector<std::vector<std::string>>{{"a"}}, 2, 1, pool_).empty());
}

TEST_F(Translate, SamplingChangesWhatIsLearned) {
  TranslateSettings settings = small();
  train("without", pool_);
  settings.sampling = 0.5;
  train_translate(settings, {path("with")}, pool_, nullptr);
  const auto weights = [&](const char* run) {
    const TranslateModel model = load_translator(path(run));
    return std::vector<float>(model.network.weights().begin(), model.network.weights().end());
  };
  EXPECT_NE(weights("with"), weights("without"));
}

TEST_F(Translate, AMovedFileIsFoundThroughTheRunsSettings) {
  train("run", pool_);
  fs::rename(path("words.tsv"), path("moved.tsv"));
  EXPECT_THAT([&] { evaluate_translate(path("run"), std::nullopt, pool_); },
              ThrowsMessage<FileError>(HasSubstr("words.tsv: the data file that")));
  auto settings = read_settings<TranslateSettings>(path("run/run.toml"));
  settings.data = path("moved.tsv");
  write_file(path("run/run.toml"), to_toml(settings));
  EXPECT_EQ(evaluate_translate(path("run"), std::nullopt, pool_).data, path("moved.tsv"));
}

TEST_F(Translate, WhatCannotBeIsRefused) {
  const auto refusal = [&](auto change, const char* message) {
    TranslateSettings settings = small();
    change(settings);
    EXPECT_THAT([&] { train_translate(settings, {path("none")}, pool_, nullptr); },
                ThrowsMessage<Error>(HasSubstr(message)));
    EXPECT_FALSE(fs::exists(path("none")));
  };
  refusal([](auto& s) { s.decoder = "bidirectional(lstm 3)"; }, "needs the whole sequence");
  refusal([](auto& s) { s.attention = "dot"; }, "needs equal widths");
  refusal([](auto& s) { s.encoder = "md_lstm 2 size=2"; }, "bridge: leads from the encoder's last state");
  refusal([](auto& s) { s.checksum = "fnv1a64:0"; }, "it is not the file that these settings were made for");
  refusal([](auto& s) { s.target_file = s.data + "none"; }, "none");
  train("run", pool_);
  const TranslateModel model = load_translator(path("run"));
  EXPECT_THAT([&] { translate(model, {}, 2, 3, pool_); },
              ThrowsMessage<SettingError>(HasSubstr("best: found 3, expected 1 to 2")));
}

TEST_F(Translate, AModelFileThatContradictsItselfIsRefused) {
  train("run", pool_);
  const TranslateModel model = load_translator(path("run"));
  const auto refusal = [&](auto change, const char* message) {
    Loaded<EncoderDecoder<float>> loaded = load_encoder_decoder<float>(path("run/model.safetensors"));
    change(loaded.metadata);
    save_model(path("bad.safetensors"), loaded.network, loaded.metadata);
    EXPECT_THAT([&] { load_translator(path("bad.safetensors")); },
                ThrowsMessage<ModelError>(HasSubstr(message)));
  };
  refusal([](Metadata& m) { m["task"] = "generate"; }, "task: found 'generate', expected translate");
  refusal([](Metadata& m) { m.erase("vocabulary.target"); }, "metadata has no 'vocabulary.target'");
  refusal([](Metadata& m) { m["vocabulary.source"] = "[1]"; }, "vocabulary: ");
  refusal([](Metadata& m) { m["vocabulary.source"] = "{\"byte_pairs\": []}"; }, "expected a list of symbols");
  refusal([](Metadata& m) { m["vocabulary.target"] = "[\"a\"]"; }, "found the network");
  refusal([](Metadata& m) { m["settings"] = to_toml(TranslateSettings{}); }, "data: found nothing");
}

}  // namespace
}  // namespace carousel
