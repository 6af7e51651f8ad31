#include "training/schedule.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace carousel {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

ScheduleOptions named(const std::string& name) {
  ScheduleOptions options;
  options.name = name;
  options.learning_rate = 0.8;
  return options;
}

TEST(Schedule, ConstantIsConstant) {
  const auto schedule = make_schedule(named("constant"));
  EXPECT_EQ(schedule->rate({0, 0, 0}), 0.8);
  EXPECT_EQ(schedule->rate({99, 12345, 1}), 0.8);
}

TEST(Schedule, StepFallsEverySoManyEpochs) {
  ScheduleOptions options = named("step");
  options.step_epochs = 3;
  options.factor = 0.5;
  const auto schedule = make_schedule(options);
  const std::vector<double> expected = {0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2};
  for (std::size_t epoch = 0; epoch < expected.size(); ++epoch)
    EXPECT_DOUBLE_EQ(schedule->rate({epoch, 10 * epoch, 0}), expected[epoch]) << epoch;
}

TEST(Schedule, CosineIsHalfAWave) {
  ScheduleOptions options = named("cosine");
  options.minimum_rate = 0.2;
  const auto schedule = make_schedule(options);
  for (int i = 0; i <= 1000; ++i) {
    const double f = i / 1000.0;
    EXPECT_NEAR(schedule->rate({0, 0, f}), 0.2 + 0.6 * (1 + std::cos(std::acos(-1.0) * f)) / 2, 1e-15) << f;
  }
  EXPECT_DOUBLE_EQ(schedule->rate({0, 0, 0}), 0.8);
  EXPECT_DOUBLE_EQ(schedule->rate({0, 0, 0.5}), 0.5);
  EXPECT_DOUBLE_EQ(schedule->rate({0, 0, 1}), 0.2);
}

TEST(Schedule, PlateauWaitsThenFallsToItsFloor) {
  ScheduleOptions options = named("plateau");
  options.factor = 0.1;
  options.plateau_epochs = 2;
  options.minimum_rate = 0.01;
  const auto schedule = make_schedule(options);
  const std::vector<double> losses = {5, 4, 4, 4.5, 3, 3.5, 3, 3, 3};
  const std::vector<double> rates = {0.8, 0.8, 0.8, 0.08, 0.08, 0.08, 0.01, 0.01, 0.01};
  for (std::size_t epoch = 0; epoch < losses.size(); ++epoch) {
    schedule->epoch_done(losses[epoch]);
    EXPECT_DOUBLE_EQ(schedule->rate({epoch + 1, 0, 0}), rates[epoch]) << "after epoch " << epoch;
  }
}

TEST(Schedule, ItsStateGoesOn) {
  ScheduleOptions options = named("plateau");
  options.plateau_epochs = 2;
  const auto first = make_schedule(options), second = make_schedule(options);
  first->epoch_done(1);
  first->epoch_done(2);
  std::ranges::copy(first->state(), second->state().begin());
  second->epoch_done(2);
  EXPECT_DOUBLE_EQ(second->rate({3, 0, 0}), 0.08);
}

TEST(Schedule, WarmUpRisesLinearlyAndThenGivesWay) {
  ScheduleOptions options = named("step");
  options.step_epochs = 1;
  options.factor = 0.5;
  options.warm_up_updates = 4;
  const auto schedule = make_schedule(options);
  EXPECT_DOUBLE_EQ(schedule->rate({0, 0, 0}), 0.2);
  EXPECT_DOUBLE_EQ(schedule->rate({0, 1, 0}), 0.4);
  EXPECT_DOUBLE_EQ(schedule->rate({0, 3, 0}), 0.8);
  EXPECT_DOUBLE_EQ(schedule->rate({0, 4, 0}), 0.8);
  EXPECT_DOUBLE_EQ(schedule->rate({1, 2, 0}), 0.3);
  EXPECT_DOUBLE_EQ(schedule->rate({2, 400, 0}), 0.2);
}

TEST(Schedule, WarmUpPassesLossesAndStateThrough) {
  ScheduleOptions options = named("plateau");
  options.plateau_epochs = 1;
  options.warm_up_updates = 2;
  const auto schedule = make_schedule(options);
  schedule->epoch_done(1);
  schedule->epoch_done(1);
  EXPECT_DOUBLE_EQ(schedule->rate({2, 10, 0}), 0.08);
  EXPECT_EQ(schedule->state().size(), 3u);
}

TEST(Schedule, RefusesWhatItCannotHonour) {
  const auto with = [](auto change) {
    return [change] {
      ScheduleOptions options;
      change(options);
      make_schedule(options);
    };
  };
  using Options = ScheduleOptions;
  EXPECT_THAT(with([](Options& o) { o.name = "cosin"; }), ThrowsMessage<SettingError>(HasSubstr("'cosine'")));
  for (const double rate : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()})
    EXPECT_THAT(with([=](Options& o) { o.learning_rate = rate; }),
                ThrowsMessage<SettingError>(HasSubstr("learning_rate")));
  EXPECT_THAT(with([](Options& o) { o.factor = 1; }), ThrowsMessage<SettingError>(HasSubstr("factor")));
  EXPECT_THAT(with([](Options& o) { o.minimum_rate = 1; }),
              ThrowsMessage<SettingError>(HasSubstr("minimum_rate")));
  EXPECT_THAT(with([](Options& o) { o.step_epochs = 0; }),
              ThrowsMessage<SettingError>(HasSubstr("step_epochs")));
  EXPECT_THAT(with([](Options& o) { o.plateau_epochs = 0; }),
              ThrowsMessage<SettingError>(HasSubstr("plateau_epochs")));
}

}  // namespace
}  // namespace carousel
