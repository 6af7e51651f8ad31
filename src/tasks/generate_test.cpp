// A language model end to end: learning, the same bytes again, what it is judged by, and what it writes.
#include "tasks/generate.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/file.h"
#include "support/folder_test.h"
#include "tasks/language_evaluation.h"
#include "tasks/settings_file.h"
#include "tasks/text_generator.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// "abcd" with every fourth letter one of two: half a bit in four letters cannot be told.
std::string rhyme(std::size_t letters) {
  std::string text;
  for (std::size_t i = 0; i < letters; ++i) {
    const bool other = Random(1, 2).below(i, 2) == 1;
    text += i % 4 == 3 ? (other ? 'X' : 'd') : static_cast<char>('a' + i % 4);
  }
  return text;
}

class Generate : public testing::FolderTest {
 protected:
  void SetUp() override { write_file(path("text.txt"), rhyme(8000)); }
  GenerateSettings small() const {
    GenerateSettings settings;
    settings.data = path("text.txt");
    settings.hidden = 12;
    settings.embedding = 4;
    settings.chunk = 25;
    settings.training.batch = 8;
    settings.training.epochs = 4;
    settings.training.schedule.learning_rate = 0.02;
    return settings;
  }
  void train(const std::string& run, ThreadPool& pool, RunSink* sink = nullptr) const {
    train_generate(small(), {path(run)}, pool, sink);
  }

  ThreadPool pool_{1};
};

TEST_F(Generate, LearnsWhatCanBeToldAndNoMore) {
  train("run", pool_);
  const LanguageEvaluation evaluation = evaluate_generate(path("run"), std::nullopt, pool_);
  const double least = std::log(2.0) / 4;  // of one letter in four, one bit
  EXPECT_GT(evaluation.model.nats, 0.85 * least);
  EXPECT_LT(evaluation.model.nats, 1.15 * least);
  EXPECT_EQ(evaluation.symbols, 399u);
  EXPECT_NEAR(evaluation.accuracy, 7.0 / 8, 0.06);
  EXPECT_NEAR(evaluation.model.bits_per_character, evaluation.model.nats / std::log(2.0), 1e-12);
  EXPECT_NEAR(evaluation.baselines.front().nats, (3 * std::log(4.0) + std::log(8.0)) / 4, 0.02);
}

/// Symbol by symbol through step(), where evaluate reads chunks.
TEST_F(Generate, TheScoreIsThatOfTheNetworkReadingStepByStep) {
  train("run", pool_);
  const LanguageModel model = load_language_model(path("run"));
  const LanguageData data = read_own_text(model.coding);
  const auto test = data.part(data.parts.test);
  const std::size_t K = model.network.outputs();
  Tensor<float> state = model.network.start(1);
  std::vector<float> logits(K), scratch(model.network.step_scratch(1));
  double nats = 0;
  for (std::size_t t = 0; t + 1 < test.size(); ++t) {
    const float x = static_cast<float>(test[t]);
    model.network.step(View<const float>(&x, 1, 1), state.matrix(), View<float>(logits.data(), 1, K),
                       scratch.data());
    double sum = 0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
    nats += std::log(sum) - static_cast<double>(logits[test[t + 1]]);
  }
  const LanguageEvaluation evaluation = evaluate_generate(path("run"), std::nullopt, pool_);
  EXPECT_NEAR(evaluation.model.nats, nats / static_cast<double>(test.size() - 1), 1e-6);
}

TEST_F(Generate, TheSameRunAgainGivesTheSameBytesOnAnyNumberOfThreads) {
  train("a", pool_);
  for (const std::size_t threads : {2, 3}) {
    ThreadPool pool(threads);
    train_generate(read_settings<GenerateSettings>(path("a/run.toml")), {path("b")}, pool, nullptr);
    EXPECT_EQ(bytes("a/model.safetensors"), bytes("b/model.safetensors")) << threads;
    EXPECT_EQ(bytes("a/run.toml"), bytes("b/run.toml"));
    EXPECT_EQ(evaluate_generate(path("a"), std::nullopt, pool_).model.nats,
              evaluate_generate(path("b"), std::nullopt, pool).model.nats);
  }
}

struct Stopper : RunSink {
  std::size_t left;
  explicit Stopper(std::size_t batches) : left(batches) {}
  bool should_stop() override { return --left == 0; }
};

TEST_F(Generate, AStoppedRunResumedEndsWithTheSameBytes) {
  train("whole", pool_);
  for (const std::size_t stop : {1, 50, 90}) {
    Stopper stopper(stop);
    train("cut", pool_, &stopper);
    resume_generate({path("cut")}, pool_, nullptr);
    EXPECT_EQ(bytes("cut/model.safetensors"), bytes("whole/model.safetensors")) << stop;
  }
}

TEST_F(Generate, WritesWhatItHasLearnt) {
  train("run", pool_);
  const LanguageModel model = load_language_model(path("run"));
  TextGenerator generator(model);
  generator.read(model.coding.numbers("abcdabc", "test"));
  std::string text;
  std::size_t others = 0;
  for (int i = 0; i < 400; ++i) {
    const std::string& letter = model.coding.vocabulary.symbol(generator.next({.seed = 4}));
    others += letter == "X";
    text += letter == "X" ? "d" : letter;
  }
  std::size_t right = 0;
  for (std::size_t i = 1; i < text.size(); ++i)
    right += text[i] == (text[i - 1] == 'd' ? 'a' : text[i - 1] + 1);
  EXPECT_GT(right, 390u);
  EXPECT_NEAR(static_cast<double>(others), 50, 25);
}

TEST_F(Generate, SamplingOptionsDoWhatTheySay) {
  train("run", pool_);
  const LanguageModel model = load_language_model(path("run"));
  const auto prompt = model.coding.numbers("abc", "test");
  const auto share = [&](const SamplingOptions& options) {
    std::vector<std::size_t> counts(model.network.outputs());
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
      TextGenerator generator(model);
      generator.read(prompt);
      SamplingOptions one = options;
      one.seed = seed;
      ++counts[generator.next(one)];
    }
    return counts;
  };
  TextGenerator generator(model);
  generator.read(prompt);
  const auto p = generator.log_probabilities();
  const auto likeliest = static_cast<std::size_t>(std::ranges::max_element(p) - p.begin());
  EXPECT_EQ(share({.temperature = 0})[likeliest], 400u);
  EXPECT_EQ(share({.temperature = 5, .top_k = 1})[likeliest], 400u);
  const std::vector<std::size_t> two = share({.temperature = 50, .top_k = 2}),
                                 all = share({.temperature = 50});
  EXPECT_EQ(std::ranges::count_if(two, [](std::size_t n) { return n > 0; }), 2);
  EXPECT_EQ(std::ranges::count_if(all, [](std::size_t n) { return n > 0; }), 5);  // never the unknown one
  EXPECT_EQ(all[Vocabulary::kUnknown], 0u);
  const std::vector<std::size_t> plain = share({});
  for (std::size_t k = 1; k < plain.size(); ++k)
    EXPECT_NEAR(static_cast<double>(plain[k]) / 400, std::exp(static_cast<double>(p[k])), 0.1) << k;
}

/// As many hypotheses as there are texts: the search is exhaustive, and so is the oracle.
TEST_F(Generate, TheLikeliestTextIsThatOfAllTexts) {
  train("run", pool_);
  const LanguageModel model = load_language_model(path("run"));
  const auto prompt = model.coding.numbers("abc", "test");
  const std::size_t K = model.network.outputs();
  std::vector<std::size_t> best;
  double best_score = -1e300;
  for (std::size_t number = 0; number < (K - 1) * (K - 1) * (K - 1); ++number) {
    TextGenerator generator(model);
    generator.read(prompt);
    std::vector<std::size_t> text;
    double score = 0;
    for (std::size_t left = number, i = 0; i < 3; ++i, left /= K - 1) {
      text.push_back(1 + left % (K - 1));
      score += static_cast<double>(generator.log_probabilities()[text.back()]);
      generator.read(std::span(text).last(1));
    }
    if (score > best_score) best = text, best_score = score;
  }
  EXPECT_EQ(likeliest_text(model, {prompt, {}}, 3, (K - 1) * (K - 1) * (K - 1)), best);
  EXPECT_EQ(likeliest_text(model, {prompt, {}}, 0, 2).size(), 0u);
}

TEST_F(Generate, WhatCannotBeIsRefused) {
  const auto refusal = [&](auto change, const char* message) {
    GenerateSettings settings = small();
    change(settings);
    EXPECT_THAT([&] { train_generate(settings, {path("none")}, pool_, nullptr); },
                ThrowsMessage<Error>(HasSubstr(message)));
    EXPECT_FALSE(fs::exists(path("none")));
  };
  refusal([](auto& s) { s.layers = "bidirectional(lstm 3)", s.hidden = GenerateSettings{}.hidden; },
          "layers: layers.1 (bidirectional) looks at symbols");
  refusal([](auto& s) { s.training.updates_per_epoch = 5; },
          "updates_per_epoch: an epoch reads all of the data once");
  refusal([](auto& s) { s.checksum = "fnv1a64:0"; }, "it is not the file that these settings were made for");
  refusal([](auto& s) { s.split = SplitCounts{1, 0, 0}; }, "found 1 character in the training part");
  refusal([](auto& s) { s.vocabulary = std::size_t{1} << 40; }, "vocabulary: found 1099511627776");
  refusal([](auto& s) { s.unit = GenerateUnit::piece, s.vocabulary = 256; },
          "expected 257 or more of pieces");
  write_file(path("text.txt"), "good\nbad \xff");
  refusal([](auto&) {}, "line 2, byte 5 of it: found 0xff");
}

TEST_F(Generate, WordsAreJudgedByTheCharacterToo) {
  std::string text;
  for (int i = 0; i < 600; ++i) text += i % 3 == 0 ? "one two, " : i % 3 == 1 ? "three\n" : "four ";
  write_file(path("text.txt"), text);
  GenerateSettings settings = small();
  settings.unit = GenerateUnit::word;
  settings.vocabulary = 4;
  train_generate(settings, {path("words")}, pool_, nullptr);
  const LanguageEvaluation evaluation = evaluate_generate(path("words"), std::nullopt, pool_);
  EXPECT_EQ(load_language_model(path("words")).coding.vocabulary.size(), 5u);
  EXPECT_GT(evaluation.unknown, 0u);
  EXPECT_LT(evaluation.model.bits_per_character, evaluation.model.nats / std::log(2.0));
}

/// Byte pairs from a list, as a model file holds them: what runs needs no SentencePiece.
LanguageModel model_of_pieces() {
  GenerateSettings settings;
  settings.data = "text.txt";
  settings.unit = GenerateUnit::piece;
  settings.vocabulary = 300;
  settings.layers = "lstm 6";
  settings.embedding = 4;
  settings.training.batch = settings.training.epochs = 1;
  decide(settings);
  LanguageCoding coding{settings, Vocabulary::of_byte_pairs({" t", "he", " the", "\xC3\xA4"})};
  Network<float> network = build_language_network(coding);
  return {std::move(coding), std::move(network), {}};
}

TEST_F(Generate, AModelOfPiecesKeepsThemAndReadsAnyText) {
  const LanguageModel model = model_of_pieces();
  save_language_model(path("pieces.safetensors"), model.coding, model.network, {});
  const LanguageModel loaded = load_language_model(path("pieces.safetensors"));
  const std::string text = "the the\t\xC3\xA4\r\n\n  \xF0\x9F\x8E\xA0 \xE2\x96\x81.";
  const std::vector<std::size_t> numbers = loaded.coding.numbers(text, "test");
  EXPECT_EQ(numbers, model.coding.numbers(text, "test"));
  std::string joined;
  for (const std::size_t number : numbers) joined += loaded.coding.vocabulary.symbol(number);
  EXPECT_EQ(joined, text);
  EXPECT_LT(numbers.size(), text.size());
}

TEST_F(Generate, AModelWhoseVocabularyIsAnotherIsRefused) {
  const LanguageModel model = model_of_pieces();
  save_language_model(path("pieces.safetensors"), model.coding, model.network, {});
  const auto refusal = [&](const std::string& vocabulary, const char* message) {
    LoadedModel<float> loaded = load_model<float>(path("pieces.safetensors"));
    loaded.metadata["vocabulary"] = vocabulary;
    save_model(path("bad.safetensors"), loaded.network, loaded.metadata);
    EXPECT_THAT([&] { load_language_model(path("bad.safetensors")); },
                ThrowsMessage<ModelError>(HasSubstr(message)));
  };
  refusal("[\"a\"]", "expected byte_pairs");
  refusal("{\"byte_pairs\": [\"ab\"]}", "the network has 261 outputs, expected 258");
  refusal("{\"byte_pairs\": [\"ab\", \"ab\"]}", "is there twice");
  refusal("{\"byte_pairs\": [\"a\"]}", "has 1 bytes, expected two or more");
  refusal("{\"byte_pairs\": ", "vocabulary: ");
  refusal(std::string(100'000, '['), "vocabulary: ");
}

}  // namespace
}  // namespace carousel
