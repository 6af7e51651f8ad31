// The control task: from a world to a policy in a run folder, judged, and gone on with.
#include "tasks/control.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "tasks/control_evaluation.h"
#include "tasks/environments/environments.h"
#include "tasks/settings_file.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string folder(const std::string& name) {
  return ::testing::TempDir() + "/control_" + std::to_string(::getpid()) + "_" + name;
}

ControlSettings pole() {
  ControlSettings settings;
  settings.environment = "double_pole longest=200";
  settings.layers = "rnn 4";
  settings.training.epochs = 300;
  return settings;
}

struct StopAfter final : RunSink {
  explicit StopAfter(std::size_t epochs) : left(epochs) {}
  bool should_stop() override { return --left == 0; }
  std::size_t left;
};

TEST(Control, APolicyIsTrainedUntilItsTargetAndJudgedBesideBaselines) {
  ThreadPool pool(1);
  const RunFolder run{folder("pole")};
  const TrainingResult result = train_control(pole(), run, pool, nullptr);
  EXPECT_EQ(result.stopped, StopReason::target);
  const ControlEvaluation judged = evaluate_control(run.path, std::nullopt, pool);
  EXPECT_EQ(judged.model.mean, 200);
  EXPECT_EQ(judged.model.solved, 1);
  EXPECT_EQ(judged.model.steps, 200);
  EXPECT_EQ(judged.episodes, 1u);
  EXPECT_TRUE(judged.beats_baselines);
  ASSERT_EQ(judged.baselines.size(), 2u);
  for (const ControlScore& baseline : judged.baselines) EXPECT_LT(baseline.mean, 60) << baseline.name;
  EXPECT_EQ(judged.played.frames.size(), 201u);
  EXPECT_EQ(judged.played.seen.front().size(), 3u);
  EXPECT_FLOAT_EQ(judged.played.seen.front()[1], 0.0698F / 0.52F);
  // A longer world of the same numbers may be asked for, one of others not.
  EXPECT_GE(evaluate_control(run.path, "double_pole longest=1000", pool).model.mean, 200);
  EXPECT_THAT([&] { evaluate_control(run.path, "t_maze 5", pool); },
              ThrowsMessage<SettingError>(HasSubstr("1 outputs, expected 3 and at least 4")));
}

TEST(Control, ARunGoneOnWithIsTheOneNeverStoppedOnAnyThreads) {
  ControlSettings settings;
  settings.environment = "t_maze 4";
  settings.hidden = 3;
  settings.training.epochs = 12;
  ThreadPool one(1), two(2);
  const RunFolder whole{folder("whole")}, cut{folder("cut")};
  train_control(settings, whole, one, nullptr);
  StopAfter stop(5);
  EXPECT_EQ(train_control(settings, cut, two, &stop).stopped, StopReason::interrupted);
  resume_control(cut, two, nullptr);
  EXPECT_EQ(read_file(cut.model(), 1 << 20), read_file(whole.model(), 1 << 20));
  const ControlEvaluation a = evaluate_control(cut.path, std::nullopt, one),
                          b = evaluate_control(cut.path, std::nullopt, two);
  EXPECT_EQ(a.model.mean, b.model.mean);
  EXPECT_EQ(a.baselines[0].mean, b.baselines[0].mean);
  EXPECT_EQ(a.episodes, 1000u);
}

// What is asked of the whole chain: half the mazes are solved by always turning to one side, more need
// memory.
TEST(Control, EveryMethodGoesOnWhereItWasStopped) {
  ThreadPool pool(2);
  for (const ControlMethod method :
       {ControlMethod::cma_es, ControlMethod::xnes, ControlMethod::genetic, ControlMethod::policy_gradient}) {
    ControlSettings settings;
    settings.environment =
        method == ControlMethod::policy_gradient ? "t_maze 3" : "cart_pole acts=continuous longest=50";
    settings.method = method;
    settings.hidden = 2;
    settings.episodes = 3;
    settings.test_episodes = 20;
    settings.gradient.rollouts = 2;
    settings.gradient.steps = 16;
    settings.training.epochs = 6;
    settings.target = 1000;  // is never reached
    const std::string called(name(method));
    const RunFolder whole{folder("whole_" + called)}, cut{folder("cut_" + called)};
    train_control(settings, whole, pool, nullptr);
    StopAfter stop(3);
    EXPECT_EQ(train_control(settings, cut, pool, &stop).stopped, StopReason::interrupted) << called;
    resume_control(cut, pool, nullptr);
    EXPECT_EQ(read_file(cut.model(), 1 << 20), read_file(whole.model(), 1 << 20)) << called;
    EXPECT_EQ(evaluate_control(cut.path, std::nullopt, pool).episodes, 20u);
  }
}

TEST(Control, MethodsOptionsAreRefusedBeforeAnythingIsWritten) {
  ThreadPool pool(1);
  const auto refusal = [&](auto change, const std::string& what) {
    ControlSettings wrong = pole();
    change(wrong);
    EXPECT_THAT([&] { train_control(wrong, RunFolder{folder("none")}, pool, nullptr); },
                ThrowsMessage<SettingError>(HasSubstr(what)));
    EXPECT_FALSE(std::filesystem::exists(folder("none")));
  };
  refusal([](auto& s) { s.method = ControlMethod::policy_gradient, s.gradient.algorithm = "trpo"; }, "trpo");
  refusal([](auto& s) { s.method = ControlMethod::policy_gradient, s.gradient.discount = 2; }, "discount");
  refusal([](auto& s) { s.method = ControlMethod::genetic, s.genetic.selected = 101; }, "selected");
  refusal([](auto& s) { s.method = ControlMethod::cma_es, s.layers = "lstm 40"; }, "weights");
  refusal([](auto& s) { s.method = ControlMethod::genetic, s.layers = "lstm 2 drop_connect=0.5"; },
          "a search over weights judges the weights as they are");
}

TEST(Control, BaselinesAreWhatTheWorldSays) {
  ControlSettings settings;
  settings.environment = "delayed_recall 1";
  settings.training.epochs = 1;
  ThreadPool pool(1);
  const RunFolder run{folder("recall")};
  train_control(settings, run, pool, nullptr);
  const ControlEvaluation judged = evaluate_control(run.path, std::nullopt, pool);
  // Two arms, one of which pays: whoever does not look is right every second time, within 4 deviations.
  for (const ControlScore& baseline : judged.baselines)
    EXPECT_NEAR(baseline.solved, 0.5, 4 * 0.5 / 31) << baseline.name;
}

TEST(Control, SettingsAreReadBackAndRefusedByName) {
  ControlSettings settings = pole();
  settings.target = 150.5;
  settings.members = 8;
  EXPECT_EQ(to_toml(from_toml<ControlSettings>(to_toml(settings), "x")), to_toml(settings));
  const auto refusal = [](auto change, const std::string& what) {
    ControlSettings wrong = pole();
    change(wrong);
    EXPECT_THAT([&] { check_settings(wrong); }, ThrowsMessage<SettingError>(HasSubstr(what)));
  };
  refusal([](auto& s) { s.environment = "duble_pole"; }, "double_pole");
  refusal([](auto& s) { s.environment = ""; }, "environment");
  refusal([](auto& s) { s.members = 7; }, "members: found 7, expected an even number");
  refusal([](auto& s) { s.deviation = -1; }, "deviation");
  refusal([](auto& s) { s.layers = "lstm 4, ("; }, "layers");
  ThreadPool pool(1);
  ControlSettings wrong = pole();
  wrong.layers = "bidirectional(lstm 2)";
  EXPECT_THAT([&] { train_control(wrong, RunFolder{folder("none")}, pool, nullptr); },
              ThrowsMessage<SettingError>(HasSubstr("looks at steps to come")));
  EXPECT_FALSE(std::filesystem::exists(folder("none")));
}

}  // namespace
}  // namespace carousel
