// A model of music end to end: learning, the same bytes again, what it is judged by, and what it writes.
#include "tasks/music.h"

#include <carousel/error.h>
#include <gmock/gmock.h>

#include <cmath>

#include "base/file.h"
#include "base/random.h"
#include "support/folder_test.h"
#include "tasks/generate.h"
#include "tasks/language_model.h"
#include "tasks/music_evaluation.h"
#include "tasks/music_generator.h"
#include "tasks/settings_file.h"

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Four steps over and over, in the last of which a second note may sound: a coin a bar that nobody can tell.
std::string bars(std::size_t pieces, std::size_t bars_each, std::uint64_t seed) {
  std::string json = "[";
  for (std::size_t p = 0; p < pieces; ++p) {
    json += p == 0 ? "[" : ",[";
    for (std::size_t bar = 0; bar < bars_each; ++bar) {
      const bool other = Random(seed, p).below(bar, 2) == 1;
      json += std::string(bar == 0 ? "" : ",") + "[60],[64],[67]," + (other ? "[55,71]" : "[55]");
    }
    json += "]";
  }
  return json + "]";
}

class MusicTask : public testing::FolderTest {
 protected:
  void SetUp() override {
    write_file(path("bars.json"), "{\"train\": " + bars(24, 8, 1) + ", \"valid\": " + bars(4, 8, 2) +
                                      ", \"test\": " + bars(12, 8, 3) + "}");
  }
  GenerateSettings small() const {
    GenerateSettings settings;
    settings.data = path("bars.json");
    settings.hidden = 24;
    settings.dropout = 0;
    settings.training.batch = 4;
    settings.training.epochs = 120;
    settings.training.patience = 0;
    settings.training.schedule.learning_rate = 0.03;
    return settings;
  }

  ThreadPool pool_{1};
};

TEST_F(MusicTask, LearnsWhatCanBeToldAndNoMore) {
  train_generate(small(), {path("run")}, pool_, nullptr);
  const MusicEvaluation evaluation = evaluate_music(path("run"), std::nullopt, pool_);
  const double least = std::log(2.0) / 4;  // one bit a bar
  EXPECT_GT(evaluation.model.nats, 0.8 * least);
  EXPECT_LT(evaluation.model.nats, 1.5 * least);
  EXPECT_EQ(evaluation.pieces, 12u);
  EXPECT_EQ(evaluation.steps, 12u * 32);
  EXPECT_GT(evaluation.notes, 12u * 8 * 4);
  EXPECT_LT(evaluation.notes, 12u * 8 * 5);
  EXPECT_TRUE(evaluation.beats_baselines);
}

/// Step by step through step() and from the definition, -log p of each key, where evaluate reads pieces side
/// by side, in chunks, and adds up logarithms of odds.
TEST_F(MusicTask, TheScoreIsTheMeanOverAllStepsOfAllPieces) {
  GenerateSettings settings = small();
  settings.training.epochs = 3;
  settings.chunk = 7;
  train_generate(settings, {path("run")}, pool_, nullptr);
  const MusicModel model = load_music_model(path("run"));
  const MusicData data = prepare_music_data(model.settings);
  double nats = 0;
  std::size_t steps = 0;
  for (const MusicPiece& piece : data.part(data.parts.test)) {
    MusicGenerator generator(model);
    for (const auto& step : piece.steps) {
      for (std::size_t key = 0; key < 88; ++key) {
        const double p = 1 / (1 + std::exp(-static_cast<double>(generator.log_odds()[key])));
        const bool sounds = std::ranges::find(step, 21 + key) != step.end();
        nats -= std::log(sounds ? p : 1 - p);
      }
      generator.read(step);
      ++steps;
    }
  }
  const MusicEvaluation evaluation = evaluate_music(path("run"), std::nullopt, pool_);
  EXPECT_NEAR(evaluation.model.nats, nats / static_cast<double>(steps), 1e-4);
  double by_pitch = 0;
  for (const PitchScore& score : evaluation.scores) by_pitch += score.model;
  EXPECT_NEAR(by_pitch, evaluation.model.nats, 1e-9);
}

/// Counted by hand: key 60 sounds in 2 of 4 training steps, once behind itself (of 1 time: the last step of a
/// piece has none behind it), and once behind silence of it (of 3 times).
TEST_F(MusicTask, BaselinesCountTheTrainingPart) {
  write_file(path("tiny.json"), R"({"train": [[[60], [60]], [[], []]], "test": [[[60], []]]})");
  GenerateSettings settings = small();
  settings.data = path("tiny.json");
  settings.training.epochs = 1;
  train_generate(settings, {path("run")}, pool_, nullptr);
  const MusicEvaluation evaluation = evaluate_music(path("run"), std::nullopt, pool_);
  const double others = 87 * -std::log(5.0 / 6);  // never heard in 4 steps: 1 of 6
  ASSERT_EQ(evaluation.baselines.size(), 2u);
  EXPECT_NEAR(evaluation.baselines[0].nats, others + (-std::log(3.0 / 6) - std::log(3.0 / 6)) / 2, 1e-9);
  // Sounds behind nothing: 2 of 5; stays away behind itself: 1 of 3.
  EXPECT_NEAR(evaluation.baselines[1].nats, others + (-std::log(2.0 / 5) - std::log(1.0 / 3)) / 2, 1e-9);
  EXPECT_EQ(evaluation.baselines[1].accuracy, 0.0);  // told at the second step alone, where it is silent
}

struct StopAfterEpoch final : RunSink {
  std::size_t epochs = 0;
  void on_epoch(const ProgressRecord&) override { ++epochs; }
  bool should_stop() override { return epochs >= 2; }
};

TEST_F(MusicTask, AStoppedRunEndsWithTheSameBytes) {
  GenerateSettings settings = small();
  settings.training.epochs = 5;
  settings.transpose = 3;
  settings.dropout = 0.2;
  train_generate(settings, {path("whole")}, pool_, nullptr);
  StopAfterEpoch stop;
  train_generate(settings, {path("cut")}, pool_, &stop);
  EXPECT_NE(bytes("cut/model.safetensors"), bytes("whole/model.safetensors"));
  ThreadPool two(2);
  resume_generate({path("cut")}, two, nullptr);
  EXPECT_EQ(bytes("cut/model.safetensors"), bytes("whole/model.safetensors"));
  const auto again = read_settings<GenerateSettings>(path("whole/run.toml"));
  EXPECT_EQ(again.unit, GenerateUnit::note);
  EXPECT_EQ(again.transpose, 3u);
  EXPECT_FALSE(again.split);
}

TEST_F(MusicTask, NotesAreDrawnAsOftenAsTheyAreLikely) {
  GenerateSettings settings = small();
  settings.training.epochs = 2;
  train_generate(settings, {path("run")}, pool_, nullptr);
  const MusicModel model = load_music_model(path("run"));
  constexpr int kDraws = 2000;
  for (const double temperature : {0.5, 1.0, 3.0}) {
    std::vector<int> counts(88);
    std::vector<double> odds;
    for (int k = 0; k < kDraws; ++k) {
      MusicGenerator generator(model);
      odds.assign(generator.log_odds().begin(), generator.log_odds().end());
      for (const std::uint8_t pitch : generator.next({temperature, static_cast<std::uint64_t>(k)}))
        ++counts[pitch - 21u];
    }
    for (std::size_t key = 0; key < 88; ++key) {
      const double p = 1 / (1 + std::exp(-odds[key] / temperature));
      EXPECT_NEAR(counts[key] / double{kDraws}, p, 5 * std::sqrt(p * (1 - p) / kDraws) + 1e-3);
    }
  }
}

TEST_F(MusicTask, WithoutTemperatureItPlaysWhatIsLikelierThanNot) {
  train_generate(small(), {path("run")}, pool_, nullptr);
  const MusicModel model = load_music_model(path("run"));
  MusicGenerator generator(model);
  for (int bar = 0; bar < 3; ++bar) {
    EXPECT_THAT(generator.next({0, 1}), ElementsAre(60));
    EXPECT_THAT(generator.next({0, 1}), ElementsAre(64));
    EXPECT_THAT(generator.next({0, 1}), ElementsAre(67));
    generator.read(std::vector<std::uint8_t>{55, 71});
    generator = MusicGenerator(model);
  }
  EXPECT_THAT([&] { generator.read(std::vector<std::uint8_t>{20}); },
              ThrowsMessage<DataError>(HasSubstr("found pitch 20, expected 21 to 108")));
}

TEST_F(MusicTask, SettingsOfTheOtherKindAreRefused) {
  GenerateSettings settings = small();
  settings.vocabulary = 50;
  EXPECT_THAT([&] { prepare_music_data(settings); },
              ThrowsMessage<SettingError>(HasSubstr("vocabulary: this is of texts")));
  settings = small();
  settings.unit = GenerateUnit::character;
  settings.transpose = 2;
  EXPECT_THAT([&] { prepare_language_data(settings); },
              ThrowsMessage<SettingError>(HasSubstr("transpose: this is of music")));
}

TEST_F(MusicTask, AModelOfTextIsNoneOfMusicAndTheOtherWayRound) {
  GenerateSettings settings = small();
  settings.training.epochs = 1;
  train_generate(settings, {path("music")}, pool_, nullptr);
  write_file(path("text.txt"), std::string(300, 'a'));
  settings.data = path("text.txt");
  train_generate(settings, {path("text")}, pool_, nullptr);
  EXPECT_THAT([&] { load_language_model(path("music")); },
              ThrowsMessage<ModelError>(HasSubstr("this model writes music")));
  EXPECT_THAT([&] { load_music_model(path("text")); },
              ThrowsMessage<ModelError>(HasSubstr("this model writes text")));
}

TEST_F(MusicTask, ThePartsOfTheFileGiveWayToASplit) {
  GenerateSettings settings = small();
  settings.split = SplitCounts{10, 5, 5};
  const MusicData data = prepare_music_data(settings);
  EXPECT_EQ(data.parts, (Split{{0, 10}, {10, 15}, {15, 20}}));
  settings.split = SplitCounts{0, 0, 40};
  EXPECT_THAT([&] { prepare_music_data(settings); },
              ThrowsMessage<DataError>(HasSubstr("found no piece in the training part, of 40")));
}

}  // namespace
}  // namespace carousel
