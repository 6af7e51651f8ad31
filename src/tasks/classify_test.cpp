// The classify task end to end: learning, the same bytes again, bad files, what it is judged by.
#include <carousel/error.h>
#include <gmock/gmock.h>

#include <cmath>

#include "base/file.h"
#include "support/folder_test.h"
#include "tasks/class_evaluation.h"
#include "tasks/sequence_training.h"
#include "tasks/settings_file.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Waves of 6 to 14 steps with a bump up and one down behind it, or the other way round: only their order
/// tells the two classes, so no mean over time can.
std::string bumps(std::size_t rows) {
  std::string text = "id,x,class\n";
  const Random random(3, 5);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t steps = 6 + random.below(3 * i, 9), first = random.below(3 * i + 1, steps - 1),
                      second = first + 1 + random.below(3 * i + 2, steps - 1 - first);
    const double sign = i % 2 == 0 ? 1 : -1;
    for (std::size_t t = 0; t < steps; ++t)
      text += "e" + std::to_string(i) + "," +
              std::to_string(t == first    ? sign
                             : t == second ? -sign
                                           : 0) +
              "," + (i % 2 == 0 ? "up_down" : "down_up") + "\n";
  }
  return text;
}

class Classify : public testing::FolderTest {
 protected:
  void SetUp() override { write_file(path("bumps.csv"), bumps(300)); }
  ClassifySettings small() const {
    ClassifySettings settings;
    settings.data = path("bumps.csv");
    settings.id = "id";
    settings.hidden = 8;
    settings.training.batch = 16;
    settings.training.epochs = 12;
    settings.training.schedule.learning_rate = 0.02;
    return settings;
  }

  ThreadPool pool_{1};
};

TEST_F(Classify, TellsWhatOnlyTheOrderInTimeShows) {
  train_sequences(small(), {path("run")}, pool_, nullptr);
  const ClassEvaluation evaluation =
      evaluate_classes(SequenceJob::classify, path("run"), std::nullopt, pool_);
  EXPECT_EQ(evaluation.judged, 30u);
  EXPECT_GE(evaluation.model.accuracy, 0.96);
  EXPECT_LT(evaluation.nats, 0.2);
  EXPECT_TRUE(evaluation.beats_baselines);
  EXPECT_EQ(evaluation.baselines.front().name, "most frequent");
  EXPECT_NEAR(evaluation.baselines.front().accuracy, 0.5, 0.2);
  EXPECT_EQ(evaluation.confusion.total(), 30u);
}

TEST_F(Classify, TheSameRunAgainGivesTheSameBytesOnAnyNumberOfThreads) {
  train_sequences(small(), {path("a")}, pool_, nullptr);
  for (const std::size_t threads : {2, 3}) {
    ThreadPool pool(threads);
    train_sequences(read_settings<ClassifySettings>(path("a/run.toml")), {path("b")}, pool, nullptr);
    EXPECT_EQ(bytes("a/model.safetensors"), bytes("b/model.safetensors")) << threads;
    EXPECT_EQ(bytes("a/run.toml"), bytes("b/run.toml"));
  }
}

struct Stopper : RunSink {
  std::size_t left;
  explicit Stopper(std::size_t batches) : left(batches) {}
  bool should_stop() override { return --left == 0; }
};

TEST_F(Classify, AStoppedRunResumedEndsWithTheSameBytes) {
  train_sequences(small(), {path("whole")}, pool_, nullptr);
  for (const std::size_t stop : {1, 20, 100}) {
    Stopper stopper(stop);
    train_sequences(small(), {path("cut")}, pool_, &stopper);
    resume_sequences(SequenceJob::classify, {path("cut")}, pool_, nullptr);
    EXPECT_EQ(bytes("whole/model.safetensors"), bytes("cut/model.safetensors")) << stop;
  }
}

TEST_F(Classify, ABadFileIsNamedOrLeftOut) {
  std::string list = "path,label\n";
  for (int i = 0; i < 20; ++i) {
    const std::string name = "f" + std::to_string(i) + ".csv";
    write_file(path(name), i == 7 ? "x\n1\nnothing\n" : i % 2 == 0 ? "x\n1\n2\n3\n" : "x\n3\n2\n1\n");
    list += name + (i % 2 == 0 ? ",rises\n" : ",falls\n");
  }
  write_file(path("list.csv"), list + "missing.csv,rises\n");
  ClassifySettings settings = small();
  settings.id.reset();
  settings.data = path("list.csv");
  EXPECT_THAT([&] { train_sequences(settings, {path("run")}, pool_, nullptr); },
              ThrowsMessage<DataError>(HasSubstr("f7.csv: ")));
  settings.skip_bad = true;
  struct Plan : RunSink {
    std::string text;
    void on_left_out(const std::vector<std::string>& lines) override {
      for (const std::string& line : lines) text += line + "\n";
    }
  } plan;
  train_sequences(settings, {path("run")}, pool_, &plan);
  EXPECT_THAT(plan.text, HasSubstr("left out: 2 bad examples\n  f7.csv: "));
  EXPECT_THAT(plan.text, HasSubstr("  missing.csv: "));
  EXPECT_EQ(evaluate_classes(SequenceJob::classify, path("run"), std::nullopt, pool_).left_out.size(), 2u);
}

TEST_F(Classify, OtherDataIsJudgedWholeAndUnknownClassesAreWrong) {
  train_sequences(small(), {path("run")}, pool_, nullptr);
  write_file(path("other.csv"), "id,x,class\na,1,up_down\na,0,up_down\na,-1,up_down\nb,0,other\nb,1,other\n");
  const ClassEvaluation evaluation =
      evaluate_classes(SequenceJob::classify, path("run"), path("other.csv"), pool_);
  EXPECT_EQ(evaluation.judged, 2u);
  EXPECT_EQ(evaluation.unknown, 1u);
  EXPECT_LE(evaluation.model.accuracy, 0.5);
  EXPECT_THAT(evaluation.mistakes.back().truth, "other");
}

TEST_F(Classify, DataThatHasChangedIsNotGoneOnWith) {
  Stopper stopper(3);
  train_sequences(small(), {path("cut")}, pool_, &stopper);
  write_file(path("bumps.csv"), bumps(290));
  EXPECT_THAT([&] { resume_sequences(SequenceJob::classify, {path("cut")}, pool_, nullptr); },
              ThrowsMessage<DataError>(HasSubstr("checksum")));
}

TEST_F(Classify, SaysWhatCannotBeDone) {
  ClassifySettings settings = small();
  settings.layers = "lstm 4, dens 2";
  settings.hidden = ClassifySettings().hidden;
  EXPECT_THAT([&] { train_sequences(settings, {path("run")}, pool_, nullptr); },
              ThrowsMessage<SettingError>(HasSubstr("layers: spec, column 9")));
  write_file(path("one.csv"), "id,x,class\na,1,u\nb,2,u\n");
  settings = small();
  settings.data = path("one.csv");
  settings.split = SplitFractions{1, 0, 0};
  EXPECT_THAT(
      [&] { train_sequences(settings, {path("run")}, pool_, nullptr); },
      ThrowsMessage<DataError>(HasSubstr("found 1 class in the training part, expected at least two")));
}

}  // namespace
}  // namespace carousel
