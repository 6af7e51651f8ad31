// Learning from examples by other ways than back-propagation, from the settings to the model file.
#include "tasks/method_settings.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "support/folder_test.h"
#include "tasks/forecast.h"
#include "tasks/generate.h"
#include "tasks/settings_file.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

struct StopAfter final : RunSink {
  explicit StopAfter(std::size_t times) : left(times) {}
  bool should_stop() override { return --left == 0; }
  std::size_t left;
};

class Methods : public testing::FolderTest {
 protected:
  Methods() {
    std::string wave = "y\n";
    for (int t = 0; t < 200; ++t) wave += fmt::format("{}\n", 3 * std::sin(t / 3.0));
    write("wave.csv", wave);
  }

  /// A small network that learns a wave.
  ForecastSettings wave(Method method) {
    ForecastSettings s;
    s.data = path("wave.csv");
    s.horizon = 1;
    s.context = 8;
    s.layers = "lstm 3";
    s.season = 0;
    s.loss = "mse";
    s.training.batch = method == Method::kalman ? 4 : 16;
    s.training.epochs = 3;
    s.training.method.name = method;
    s.training.schedule.learning_rate = method == Method::evolution_strategy ? 0.05 : 0.02;
    return s;
  }
};

TEST_F(Methods, EachLearnsAndGoesOnToTheBit) {
  ThreadPool pool(2);
  for (const Method method : {Method::online_1997, Method::kalman, Method::evolino,
                              Method::evolution_strategy, Method::cma_es, Method::xnes, Method::genetic}) {
    const std::string called(name(method));
    ForecastSettings settings = wave(method);
    if (is_evolution(method)) settings.training.epochs = 25;
    const TrainingResult whole = train_forecast(settings, path(called), pool, nullptr);
    ASSERT_FALSE(whole.history.empty()) << called;
    EXPECT_LT(whole.best_validation_loss, 0.9 * whole.history.front().loss) << called;
    EXPECT_THAT(bytes(called + "/run.toml"), HasSubstr("[method]\nname = \"" + called + "\""));
    StopAfter stop(2);
    EXPECT_EQ(train_forecast(settings, path("cut"), pool, &stop).stopped, StopReason::interrupted) << called;
    resume_forecast(path("cut"), pool, nullptr);
    EXPECT_EQ(bytes("cut/model.safetensors"), bytes(called + "/model.safetensors")) << called;
  }
}

TEST_F(Methods, KalmanLearnsClasses) {
  std::string text;
  for (int i = 0; i < 120; ++i) text += "abc ";
  GenerateSettings settings;
  settings.data = write("text.txt", text);
  settings.layers = "lstm 4";
  settings.embedding = 3;
  settings.training.epochs = 3;
  settings.training.method.name = Method::kalman;
  settings.training.method.kalman.variance = 1;
  ThreadPool pool(1);
  const TrainingResult result = train_generate(settings, RunFolder{path("letters")}, pool, nullptr);
  EXPECT_LT(result.history.back().loss, 0.8 * result.history.front().loss);
}

TEST_F(Methods, WhatDoesNotFitIsRefused) {
  ThreadPool pool(1);
  const auto refusal = [&](ForecastSettings settings, const std::string& what) {
    EXPECT_THAT([&] { train_forecast(settings, path("none"), pool, nullptr); },
                ThrowsMessage<SettingError>(HasSubstr(what)));
  };
  ForecastSettings settings = wave(Method::kalman);
  settings.loss = "quantile";
  refusal(settings, "kalman measures values, notes or classes, and has no quantile loss");
  settings = wave(Method::online_1997);
  settings.layers = "gru 3";
  refusal(settings, "online_1997");
  settings = wave(Method::evolino);
  settings.loss = "quantile";
  refusal(settings, "evolino solves for values by least squares, and has no quantile loss");
  settings = wave(Method::evolution_strategy);
  settings.training.method.members = 3;
  refusal(settings, "members");
  for (const Method method : {Method::evolino, Method::evolution_strategy, Method::genetic}) {
    settings = wave(method);
    settings.layers = "lstm 3 weight_noise=0.1";
    refusal(settings, "a search over weights judges the weights as they are");
  }
  EXPECT_THAT([] { parse_method("kalmann"); }, ThrowsMessage<SettingError>(HasSubstr("kalman")));
}

TEST(MethodSettings, AreReadBack) {
  ForecastSettings settings;
  settings.data = "x.csv";
  EXPECT_THAT(to_toml(settings), ::testing::Not(HasSubstr("[method]")));
  settings.training.method.name = Method::kalman;
  settings.training.method.kalman.grouping = WeightGrouping::layer;
  settings.training.method.kalman.final_measurement_noise = 0.25;
  const std::string text = to_toml(settings);
  EXPECT_THAT(text, HasSubstr("grouping = \"layer\""));
  EXPECT_EQ(to_toml(from_toml<ForecastSettings>(text, "x")), text);
}

}  // namespace
}  // namespace carousel
