// The label task end to end: symbols and numbers, learning what the neighbours tell, and what it is judged
// by.
#include <carousel/error.h>
#include <gmock/gmock.h>

#include "base/file.h"
#include "support/folder_test.h"
#include "tasks/class_evaluation.h"
#include "tasks/sequence_training.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Chains of A and B; a step is "turn" where the next symbol is another one, else "stay": nothing that a
/// symbol alone could tell.
std::string chains(std::size_t n) {
  std::string text;
  const Random random(9, 1);
  std::size_t index = 0;
  for (std::size_t i = 0; i < n; ++i) {
    std::string symbols;
    const std::size_t steps = 5 + random.below(index++, 10);
    for (std::size_t t = 0; t < steps; ++t) symbols += random.below(index++, 2) == 0 ? 'A' : 'B';
    text += "<>\n";
    for (std::size_t t = 0; t < steps; ++t) {
      const bool turns = t + 1 < steps && symbols[t + 1] != symbols[t];
      text += std::string(1, symbols[t]) + (turns ? " turn\n" : " stay\n");
    }
    text += "end\n";
  }
  return text;
}

class Label : public testing::FolderTest {
 protected:
  LabelSettings small() const {
    LabelSettings settings;
    settings.data = path("data.csv");
    settings.hidden = 8;
    settings.embedding = 3;
    settings.training.batch = 16;
    settings.training.epochs = 10;
    settings.training.schedule.learning_rate = 0.03;
    return settings;
  }

  ThreadPool pool_{1};
};

TEST_F(Label, LearnsFromSymbolsWhatTheirNeighboursTell) {
  write_file(path("train.tokens"), chains(120));
  write_file(path("test.tokens"), chains(20));
  LabelSettings settings = small();
  settings.data = path("train.tokens");
  settings.test = path("test.tokens");
  settings.format = ExampleFormat::tokens;
  train_sequences(settings, {path("run")}, pool_, nullptr);
  const ClassEvaluation evaluation = evaluate_classes(SequenceJob::label, path("run"), std::nullopt, pool_);
  EXPECT_EQ(evaluation.examples, 20u);
  EXPECT_GE(evaluation.model.accuracy, 0.97);
  ASSERT_EQ(evaluation.baselines.size(), 2u);
  EXPECT_EQ(evaluation.baselines[1].name, "by symbol");
  EXPECT_LT(evaluation.baselines[1].accuracy, 0.75);
  ASSERT_FALSE(evaluation.strips.empty());
  const LabelStrip& strip = evaluation.strips.front();
  EXPECT_EQ(strip.symbols.size(), strip.predicted.size());
  EXPECT_EQ(strip.truth.back(), "stay");
}

TEST_F(Label, LearnsFromNumbersInLongForm) {
  std::string text = "who,x,state\n";
  const Random random(4, 4);
  for (std::size_t i = 0; i < 60; ++i)
    for (std::size_t t = 0, high = 0; t < 20; ++t) {
      high = random.below(20 * i + t, 4) == 0 ? 1 - high : high;
      text += "p" + std::to_string(i) + "," + std::to_string(high * 2) + (high == 1 ? ",high\n" : ",low\n");
    }
  write_file(path("data.csv"), text);
  LabelSettings settings = small();
  settings.id = "who";
  train_sequences(settings, {path("run")}, pool_, nullptr);
  const ClassEvaluation evaluation = evaluate_classes(SequenceJob::label, path("run"), std::nullopt, pool_);
  EXPECT_EQ(evaluation.judged, 120u);
  EXPECT_EQ(evaluation.model.accuracy, 1.0);
  EXPECT_EQ(evaluation.baselines[1].name, "nearest mean");
  EXPECT_EQ(evaluation.baselines[1].accuracy, 1.0);
  EXPECT_FALSE(evaluation.beats_baselines);
}

TEST_F(Label, EveryStepNeedsALabelAndKeepsOne) {
  write_file(path("a.csv"), "x\n1\n2\n");
  write_file(path("data.csv"), "path,label\na.csv,up\n");
  EXPECT_THAT([&] { train_sequences(small(), {path("run")}, pool_, nullptr); },
              ThrowsMessage<DataError>(HasSubstr("a.csv: found 1 label for 2 steps, expected one a step")));
  write_file(path("data.csv"), "who,x,state\na,1,u\na,2,v\nb,1,u\nb,2,v\nc,1,v\n");
  LabelSettings settings = small();
  settings.id = "who";
  settings.split = SplitFractions{1, 0, 0};
  settings.hidden = LabelSettings().hidden;
  settings.layers = "lstm 4, pool max";
  EXPECT_THAT([&] { train_sequences(settings, {path("run")}, pool_, nullptr); },
              ThrowsMessage<SettingError>(HasSubstr("every step is to have a label")));
}

}  // namespace
}  // namespace carousel
