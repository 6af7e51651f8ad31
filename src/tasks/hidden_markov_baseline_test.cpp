// The baseline on examples of both tasks.
#include "tasks/hidden_markov_baseline.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "base/random.h"
#include "tasks/class_baselines.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class HiddenMarkovBaseline : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("carousel_hidden_markov_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  template <class Settings>
  Settings settings_of(const std::string& name, const std::string& text, std::size_t states) const {
    write_file((folder_ / name).string(), text);
    Settings settings;
    settings.data = (folder_ / name).string();
    settings.hidden_markov = states;
    settings.split = SplitFractions{0.7, 0, 0.3};
    return settings;
  }
  std::vector<ClassScore> scores(const SequenceSettings& settings, std::size_t threads = 1) const {
    ThreadPool pool(threads);
    const SequenceData data = prepare_sequences(settings, pool);
    return class_baselines(data.coding, data.train, data.test, pool, tell_);
  }

  fs::path folder_;
  TellWork tell_;
};

/// Two features; a class goes up and down, the other down and up, in its own time.
std::string turns(std::size_t rows) {
  std::string text = "id,x,same,class\n";
  const Random random(3, 5);
  for (std::size_t i = 0, index = 0; i < rows; ++i) {
    const std::size_t steps = 8 + random.below(index++, 20), turn = 2 + random.below(index++, steps - 4);
    for (std::size_t t = 0; t < steps; ++t)
      text += "e" + std::to_string(i) + "," +
              std::to_string((t < turn) == (i % 2 == 0) ? random.uniform(index++, 0.5, 1.5)
                                                        : random.uniform(index++, -1.5, -0.5)) +
              ",7," + (i % 2 == 0 ? "up_down" : "down_up") + "\n";
  }
  return text;
}

TEST_F(HiddenMarkovBaseline, TellsSequencesByTheOrderOfTheirStates) {
  auto settings = settings_of<ClassifySettings>("turns.csv", turns(200), 2);
  settings.id = "id";
  const std::vector<ClassScore> told = scores(settings);
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told.back().name, "hidden Markov");
  EXPECT_EQ(told.back().accuracy, 1);
  EXPECT_EQ(told.back().macro_f1, 1);
  settings.hidden_markov = 1;  // one state knows no order
  EXPECT_LT(scores(settings).back().accuracy, 0.75);
  settings.hidden_markov = 0;
  EXPECT_EQ(scores(settings).size(), 2u);
}

TEST_F(HiddenMarkovBaseline, TellsHowFarFittingIs) {
  auto settings = settings_of<ClassifySettings>("turns.csv", turns(200), 2);
  settings.id = "id";
  std::vector<double> fractions;
  tell_ = [&](const std::string& what, double fraction) {
    EXPECT_THAT(what, HasSubstr("fitting hidden Markov models of 2 states a class to 1"));
    fractions.push_back(fraction);
  };
  scores(settings);
  EXPECT_EQ(fractions, (std::vector<double>{0, 0.5, 1}));
  settings.hidden_markov = 0;
  scores(settings);
  EXPECT_EQ(fractions.size(), 3u);
}

/// Both classes have as many of a and b; in one they take turns, in the other they come in pairs.
TEST_F(HiddenMarkovBaseline, TellsSequencesOfSymbols) {
  std::string text;
  const Random random(1, 1);
  for (std::size_t i = 0; i < 120; ++i) {
    const std::size_t steps = 12 + random.below(i, 9);
    for (std::size_t t = 0; t < steps; ++t)
      text +=
          std::string((i % 2 == 0 ? t : t / 2) % 2 == 0 ? "a" : "b") + (i % 2 == 0 ? " turns\n" : " pairs\n");
    text += "\n";
  }
  auto settings = settings_of<ClassifySettings>("ab.tokens", text, 4);
  settings.format = ExampleFormat::tokens;
  const std::vector<ClassScore> told = scores(settings);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told.back().accuracy, 1);
}

/// Labels that last; what is seen at a step says little.
std::string lasting(std::size_t sequences) {
  std::string text = "who,x,state\n";
  const Random random(4, 4);
  for (std::size_t i = 0, index = 0; i < sequences; ++i)
    for (std::size_t t = 0, high = 0; t < 60; ++t) {
      high = random.below(index++, 15) == 0 ? 1 - high : high;
      text += "p" + std::to_string(i) + "," +
              std::to_string((high == 1 ? 0.7 : -0.7) + random.uniform(index, -1, 1) +
                             random.uniform(index + 1, -1, 1)) +
              (high == 1 ? ",high\n" : ",low\n");
      index += 2;
    }
  return text;
}

TEST_F(HiddenMarkovBaseline, LabelsStepsByTheirNeighbours) {
  auto settings = settings_of<LabelSettings>("lasting.csv", lasting(60), 1);
  settings.id = "who";
  const std::vector<ClassScore> told = scores(settings);
  EXPECT_GT(told.back().accuracy, told[1].accuracy + 0.05);
  EXPECT_EQ(told[1].name, "nearest mean");
  settings.hidden_markov = 3;
  const ClassScore more = scores(settings).back();
  EXPECT_GT(more.accuracy, told[1].accuracy + 0.05);
  for (const std::size_t threads : {2, 5}) {
    const ClassScore again = scores(settings, threads).back();
    EXPECT_EQ(again.accuracy, more.accuracy);
    EXPECT_EQ(again.macro_f1, more.macro_f1);
  }
}

TEST_F(HiddenMarkovBaseline, WhatIsTooLargeIsRefusedBeforeTraining) {
  std::string text = "who,x,state\n";
  for (std::size_t i = 0; i < 3000; ++i) text += std::to_string(i / 3) + ",1,s" + std::to_string(i) + "\n";
  auto settings = settings_of<LabelSettings>("many.csv", text, 100);
  settings.id = "who";
  settings.split = SplitFractions{1, 0, 0};
  EXPECT_THAT(
      [&] { scores(settings); },
      ThrowsMessage<SettingError>(HasSubstr("hidden_markov: 100 states of each of 3,000 classes take")));
  settings.hidden_markov = 1001;
  EXPECT_THAT([&] { scores(settings); },
              ThrowsMessage<SettingError>(HasSubstr("hidden_markov: found 1001, expected")));
}

}  // namespace
}  // namespace carousel
