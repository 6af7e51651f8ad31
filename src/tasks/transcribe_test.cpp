// The transcribe task end to end: learning to read, joined examples, keywords, and the same bytes again.
#include <carousel/error.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>

#include "base/counted.h"
#include "base/file.h"
#include "support/folder_test.h"
#include "tasks/sequence_training.h"
#include "tasks/settings_file.h"
#include "tasks/transcribe_evaluation.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Letters a, b and c as pulses of one of three features, 1 to 3 steps long, with silence between.
std::string pulses(std::size_t n, std::size_t most_letters) {
  std::string text = "id,x,y,z,text\n";
  const Random random(2, 8);
  std::size_t index = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t letters = 1 + random.below(index++, most_letters);
    std::string rows, word;
    const auto row = [&](std::size_t letter) {
      for (std::size_t f = 0; f < 3; ++f) rows += f == letter ? ",1" : ",0";
      rows += '\n';
    };
    row(3);
    for (std::size_t l = 0; l < letters; ++l) {
      const std::size_t letter = random.below(index++, 3);
      word += static_cast<char>('a' + letter);
      for (std::size_t t = 0; t <= random.below(index, 3); ++t) row(letter);
      ++index;
      row(3);
    }
    for (std::size_t begin = 0; begin < rows.size();) {
      const std::size_t end = rows.find('\n', begin);
      text += "e" + std::to_string(i) + rows.substr(begin, end - begin) + "," + word + "\n";
      begin = end + 1;
    }
  }
  return text;
}

class Transcribe : public testing::FolderTest {
 protected:
  void SetUp() override { write_file(path("data.csv"), pulses(200, 4)); }
  TranscribeSettings small() const {
    TranscribeSettings settings;
    settings.data = path("data.csv");
    settings.id = "id";
    settings.hidden = 12;
    settings.training.batch = 8;
    settings.training.epochs = 25;
    settings.training.schedule.learning_rate = 0.02;
    return settings;
  }

  ThreadPool pool_{1};
};

/// What is told at the beginning of training.
struct Plan final : RunSink {
  void on_plan(const std::vector<std::string>& lines) override { plan = lines; }
  void on_left_out(const std::vector<std::string>& lines) override { left_out = lines; }
  std::vector<std::string> plan, left_out;
};

TEST_F(Transcribe, ATextThatNeedsMoreStepsThanThereAreIsNamedAndLeftOut) {
  // Eight of two letters; "aa" needs three steps, for a blank has to stand between equal letters.
  std::string text = "id,x,y,text,split\n";
  const auto add = [&](const std::string& id, std::size_t steps, const std::string& word, const char* part) {
    for (std::size_t t = 0; t < steps; ++t)
      text += id + "," + std::to_string(t % 2) + ",1," + word + "," + part + "\n";
  };
  for (int i = 0; i < 8; ++i) add("good" + std::to_string(i), 2, "ab", "train");
  add("aa of three", 3, "aa", "train");
  add("aa of two", 2, "aa", "train");
  add("abc", 2, "aba", "validation");
  add("ba", 2, "ba", "validation");
  add("long", 2, "aaaa", "test");
  TranscribeSettings settings = small();
  settings.data = path("short.csv");
  settings.training.epochs = 1;
  write_file(settings.data, text);
  Plan sink;
  train_sequences(settings, {path("run")}, pool_, &sink);
  EXPECT_THAT(sink.plan, ::testing::Contains("parts: 9 to train on, 1 to validate, 1 to test"));
  EXPECT_THAT(sink.left_out,
              ::testing::ElementsAreArray(
                  {"left out: 2 examples whose text needs more steps than the network puts out",
                   "  aa of two: found 2 steps of the network, expected at least 3 for a text of 2 symbols",
                   "  abc: found 2 steps of the network, expected at least 3 for a text of 3 symbols"}));
  EXPECT_EQ(load_sequence_model(path("run"), SequenceJob::transcribe).provenance.at("provenance.left_out"),
            "2 examples whose text needs more steps than the network puts out");
  EXPECT_EQ(evaluate_transcribe(path("run"), std::nullopt, pool_).sequences, 1u)
      << "the test part keeps them";

  settings.hidden = TranscribeSettings().hidden;
  settings.layers = "lstm 4, pool mean window=2";  // one step each
  EXPECT_THAT([&] { train_sequences(settings, {path("none")}, pool_, nullptr); },
              ThrowsMessage<DataError>(HasSubstr("no example to train on whose sequence is long enough")));
  EXPECT_FALSE(fs::exists(path("none")));
}

TEST_F(Transcribe, ReadsWhatItHasLearnedAndSaysWhere) {
  TranscribeSettings settings = small();
  settings.keywords = {"ab", "c"};
  train_sequences(settings, {path("run")}, pool_, nullptr);
  const TranscribeEvaluation evaluation = evaluate_transcribe(path("run"), std::nullopt, pool_);
  EXPECT_EQ(evaluation.sequences, 20u);
  EXPECT_LE(evaluation.model.labels.rate(), 0.03);
  EXPECT_TRUE(evaluation.beats_baselines);
  EXPECT_EQ(evaluation.baselines[1].labels.rate(), 1.0);
  EXPECT_GT(evaluation.baselines[0].labels.rate(), 0.5);
  ASSERT_EQ(evaluation.keywords.size(), 2u);
  EXPECT_GE(evaluation.keywords[1].counts.f1(), 0.9);
  const Transcript& last = evaluation.transcripts.back();
  ASSERT_EQ(last.symbols.size(), last.text.size());
  for (std::size_t i = 0; i < last.symbols.size(); ++i) {
    EXPECT_LT(last.symbols[i].begin, last.symbols[i].end);
    EXPECT_GE(last.symbols[i].begin, i == 0 ? 0 : last.symbols[i - 1].end);
  }
}

TEST_F(Transcribe, ExamplesAreJoinedToLongerOnes) {
  write_file(path("data.csv"), pulses(150, 1));
  TranscribeSettings settings = small();
  settings.join = {2, 4};
  settings.training.epochs = 30;
  train_sequences(settings, {path("run")}, pool_, nullptr);
  const TranscribeEvaluation evaluation = evaluate_transcribe(path("run"), std::nullopt, pool_);
  EXPECT_EQ(evaluation.model.labels.counts().reference(), 15u);  // every letter of the test part once
  EXPECT_LT(evaluation.sequences, 8u);
  EXPECT_LE(evaluation.model.labels.rate(), 0.1);
  for (const Transcript& one : evaluation.transcripts) EXPECT_LE(one.truth.size(), 4u);
}

TEST_F(Transcribe, ATransducerReadsAsWell) {
  TranscribeSettings settings = small();
  settings.method = TranscribeMethod::transducer;
  settings.embedding = 4;
  settings.training.epochs = 30;
  train_sequences(settings, {path("run")}, pool_, nullptr);
  const TranscribeEvaluation evaluation = evaluate_transcribe(path("run"), std::nullopt, pool_);
  EXPECT_EQ(evaluation.sequences, 20u);
  EXPECT_LE(evaluation.model.labels.rate(), 0.1);
  for (const TranscriptPicture& picture : evaluation.pictures) EXPECT_EQ(picture.frames, 0u);
  settings.keywords = {"ab"};
  EXPECT_THAT([&] { train_sequences(settings, {path("no")}, pool_, nullptr); },
              ThrowsMessage<SettingError>(HasSubstr("set method to ctc")));
}

TEST_F(Transcribe, ATransducerBeginsWithWhatANetworkHasLearned) {
  TranscribeSettings settings = small();
  settings.training.epochs = 3;
  train_sequences(settings, {path("ctc")}, pool_, nullptr);
  settings.method = TranscribeMethod::transducer;
  settings.prediction = "gru 5";
  settings.embedding = 4;
  settings.pretrained = path("ctc");
  settings.training.epochs = 1;
  settings.training.schedule.learning_rate = 1e-30;  // nothing is learned
  Plan plan;
  train_sequences(settings, {path("run")}, pool_, &plan);
  const SequenceModel ctc = load_sequence_model(path("ctc"), SequenceJob::transcribe),
                      model = load_sequence_model(path("run"), SequenceJob::transcribe);
  std::size_t taken = 0;
  for (const Parameter& from : ctc.network().parameters().all())
    for (const Parameter& to : model.transducer().parameters().all())
      if (to.name == "encoder." + from.name.substr(std::string("layers.").size())) {
        const auto want = ctc.network().weights().subspan(from.offset, from.shape.size()),
                   got = model.transducer().weights().subspan(to.offset, from.shape.size());
        EXPECT_TRUE(std::ranges::equal(want, got)) << from.name;
        taken += from.shape.size();
      }
  EXPECT_GT(taken, 1000u);
  EXPECT_THAT(plan.plan,
              Contains(HasSubstr(fmt::format("pretrained: {} of 2,119 parameters", grouped(taken)))));
}

// Of the output layer the rows stand for symbols.
TEST_F(Transcribe, TheOutputsOfAPretrainedModelAreTakenForTheSameSymbolsAlone) {
  TranscribeSettings settings = small();
  settings.training.epochs = 1;
  train_sequences(settings, {path("old")}, pool_, nullptr);
  settings.pretrained = path("old");
  settings.training.schedule.learning_rate = 1e-30;
  train_sequences(settings, {path("same")}, pool_, nullptr);
  std::string text = read_file(path("data.csv"), 1 << 24);
  for (std::size_t line = text.find('\n'); line != std::string::npos; line = text.find('\n', line + 1))
    for (std::size_t at = text.rfind(',', line) + 1; at < line; ++at)
      if (text[at] == 'b') text[at] = 'd';  // a, c, d: other numbers
  write_file(path("other.csv"), text);
  settings.data = path("other.csv");
  train_sequences(settings, {path("other")}, pool_, nullptr);
  const auto weights = [&](const std::string& run, const std::string& name) {
    const SequenceModel model = load_sequence_model(path(run), SequenceJob::transcribe);
    for (const Parameter& parameter : model.network().parameters().all())
      if (parameter.name == name) {
        const auto all = model.network().weights().subspan(parameter.offset, parameter.shape.size());
        return std::vector<float>(all.begin(), all.end());
      }
    return std::vector<float>();
  };
  ASSERT_FALSE(weights("old", "layers.1.W").empty());
  EXPECT_EQ(weights("same", "layers.1.W"), weights("old", "layers.1.W"));
  EXPECT_NE(weights("other", "layers.1.W"), weights("old", "layers.1.W"));
  EXPECT_EQ(weights("other", "layers.0.forward.R"), weights("old", "layers.0.forward.R"));
}

TEST_F(Transcribe, APretrainedModelIsHeldToWhatItWas) {
  TranscribeSettings settings = small();
  settings.training.epochs = 1;
  train_sequences(settings, {path("old")}, pool_, nullptr);
  settings.pretrained = path("old");
  train_sequences(settings, {path("run")}, pool_, nullptr);
  const auto again = read_settings<TranscribeSettings>(path("run/run.toml"));
  train_sequences(again, {path("again")}, pool_, nullptr);
  EXPECT_EQ(bytes("again/model.safetensors"), bytes("run/model.safetensors"));
  EXPECT_THAT([&] { train_sequences(settings, {path("old")}, pool_, nullptr); },
              ThrowsMessage<SettingError>(HasSubstr("what this run would replace")));
  settings.training.epochs = 2;
  settings.pretrained.reset();
  train_sequences(settings, {path("old")}, pool_, nullptr);
  EXPECT_THAT([&] { train_sequences(again, {path("more")}, pool_, nullptr); },
              ThrowsMessage<DataError>(HasSubstr("found checksum")));
}

TEST_F(Transcribe, OtherDataAreNotJoined) {
  TranscribeSettings settings = small();
  settings.join = {2, 3};
  settings.training.epochs = 1;
  train_sequences(settings, {path("run")}, pool_, nullptr);
  EXPECT_LT(evaluate_transcribe(path("run"), std::nullopt, pool_).sequences, 12u);
  EXPECT_EQ(evaluate_transcribe(path("run"), path("data.csv"), pool_).sequences, 200u);
}

TEST_F(Transcribe, APretrainedModelThatFitsNowhereIsRefusedBeforeAnythingIsWritten) {
  TranscribeSettings settings = small();
  settings.training.epochs = 1;
  train_sequences(settings, {path("small")}, pool_, nullptr);
  settings.pretrained = path("small");
  settings.layers = "gru 7, gru 8";
  settings.hidden = TranscribeSettings().hidden;
  EXPECT_THAT([&] { train_sequences(settings, {path("run")}, pool_, nullptr); },
              ThrowsMessage<SettingError>(HasSubstr("pretrained: ")));
  EXPECT_FALSE(fs::exists(path("run")));
}

TEST_F(Transcribe, TheLayersOfAPredictionNetworkAreRefusedByName) {
  TranscribeSettings settings = small();
  settings.prediction = "gru 5";
  EXPECT_THAT([&] { train_sequences(settings, {path("run")}, pool_, nullptr); },
              ThrowsMessage<SettingError>(HasSubstr("set method to transducer")));
  settings.method = TranscribeMethod::transducer;
  settings.prediction = "gru five";
  EXPECT_THAT([&] { train_sequences(settings, {path("run")}, pool_, nullptr); },
              ThrowsMessage<SettingError>(HasSubstr("prediction: ")));
}

TEST_F(Transcribe, TheBonusOfATransducerIsKeptInTheModel) {
  TranscribeSettings settings = small();
  settings.method = TranscribeMethod::transducer;
  settings.training.epochs = 5;  // too few: texts come out too short
  train_sequences(settings, {path("run")}, pool_, nullptr);
  SequenceModel model = load_sequence_model(path("run"), SequenceJob::transcribe);
  const SequenceData data = read_own_sequences(model.coding, pool_);
  const auto errors = [&](std::optional<double> bonus) {
    EditCounts all;
    for_each_reading(model, data.validation, reading_search(model, {.symbol_bonus = bonus}), pool_,
                     [&](const RowReading& one) {
                       std::vector<std::string> read;
                       for (const ReadSymbol& symbol : one.reading.symbols) read.push_back(symbol.symbol);
                       all += count_edits(symbols_of(model.coding, data.validation, one.row), read);
                     });
    return all.distance();
  };
  ASSERT_GT(errors(0), 0u);
  for (double bonus = 0; bonus <= 5; bonus += 0.5) EXPECT_LE(errors({}), errors(bonus)) << bonus;
  EXPECT_LT(errors({}), errors(0));
  model.tuned.symbol_bonus = std::nan("");
  save_sequence_model(path("run/model.safetensors"), model.coding, model.transducer(), model.provenance,
                      model.tuned);
  EXPECT_THROW(load_sequence_model(path("run"), SequenceJob::transcribe), ModelError);
}

TEST_F(Transcribe, TheThresholdOfKeywordsIsKeptInTheModel) {
  TranscribeSettings settings = small();
  settings.training.epochs = 2;
  train_sequences(settings, {path("without")}, pool_, nullptr);
  EXPECT_FALSE(load_sequence_model(path("without"), SequenceJob::transcribe).tuned.keyword_threshold);
  settings.keywords = {"ab", "c"};
  train_sequences(settings, {path("run")}, pool_, nullptr);
  const SequenceModel model = load_sequence_model(path("run"), SequenceJob::transcribe);
  ASSERT_TRUE(model.tuned.keyword_threshold);
  EXPECT_EQ(evaluate_transcribe(path("run"), std::nullopt, pool_).threshold, *model.tuned.keyword_threshold);
  // A model of before it was kept is judged alike.
  save_sequence_model(path("run/model.safetensors"), model.coding, model.network(), model.provenance);
  EXPECT_EQ(evaluate_transcribe(path("run"), std::nullopt, pool_).threshold, *model.tuned.keyword_threshold);
  for (const double wrong : {0.5, std::nan("")}) {
    save_sequence_model(path("run/model.safetensors"), model.coding, model.network(), model.provenance,
                        {.keyword_threshold = wrong});
    EXPECT_THROW(load_sequence_model(path("run"), SequenceJob::transcribe), ModelError);
  }
}

TEST_F(Transcribe, KeywordsOfUnknownSymbolsAreRefusedBeforeTraining) {
  TranscribeSettings settings = small();
  settings.keywords = {"az"};
  EXPECT_THAT([&] { train_sequences(settings, {path("run")}, pool_, nullptr); },
              ThrowsMessage<SettingError>(HasSubstr("'az' has 'z'")));
  EXPECT_FALSE(fs::exists(path("run")));
}

struct Stopper : RunSink {
  std::size_t left;
  explicit Stopper(std::size_t batches) : left(batches) {}
  bool should_stop() override { return --left == 0; }
};

TEST_F(Transcribe, TheSameBytesAgainWithEverythingDrawnAnew) {
  TranscribeSettings settings = small();
  settings.join = {1, 3};
  settings.keywords = {"ab"};
  settings.noise = 0.1;
  settings.time_mask = 1;
  settings.frequency_mask = 1;
  settings.dropout = 0.1;
  settings.training.epochs = 3;
  train_sequences(settings, {path("a")}, pool_, nullptr);
  ThreadPool three(3);
  train_sequences(read_settings<TranscribeSettings>(path("a/run.toml")), {path("b")}, three, nullptr);
  EXPECT_EQ(bytes("a/model.safetensors"), bytes("b/model.safetensors"));
  Stopper stopper(12);
  train_sequences(settings, {path("cut")}, pool_, &stopper);
  resume_sequences(SequenceJob::transcribe, {path("cut")}, pool_, nullptr);
  EXPECT_EQ(bytes("a/model.safetensors"), bytes("cut/model.safetensors"));
}

TEST_F(Transcribe, SaysWhatCannotBeDone) {
  EXPECT_THAT([] { parse_join("7-3"); },
              ThrowsMessage<SettingError>(HasSubstr("expected the smaller number first")));
  EXPECT_THAT([] { parse_join("0-3"); }, ThrowsMessage<SettingError>(HasSubstr("join: found '0-3'")));
  TranscribeSettings settings = small();
  settings.keywords = {""};
  EXPECT_THAT([&] { train_sequences(settings, {path("run")}, pool_, nullptr); },
              ThrowsMessage<SettingError>(HasSubstr("keywords: found an empty one")));
}

TEST(Symbols, AreCharactersOrWords) {
  EXPECT_THAT(symbols_of("a\xc3\xa4 b", SymbolUnit::character),
              ::testing::ElementsAre("a", "\xc3\xa4", " ", "b"));
  EXPECT_THAT(symbols_of("  one two ", SymbolUnit::word), ::testing::ElementsAre("one", "two"));
  EXPECT_EQ(text_of(symbols_of("one  two", SymbolUnit::word), SymbolUnit::word), "one two");
}

}  // namespace
}  // namespace carousel
