// How a learner is led: by a learner whose every number can be told in advance.
#include "training/learning_run.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <string>
#include <vector>

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Three steps an epoch; its one weight is the sum of 1 + epoch over all steps. Validation losses are given.
class Counter final : public Learner<double> {
 public:
  explicit Counter(std::vector<double> losses = {}) : losses_(std::move(losses)) {}

  std::string method() const override { return "counter"; }
  std::size_t steps(std::size_t) const override { return 3; }
  LearningStep step(const LearningPlace& place) override {
    if (place.update == fails_at) throw TrainingError("nothing adds up");
    weight_[0] += 1 + static_cast<double>(place.epoch);
    LearningStep came;
    came.loss = 2 * static_cast<double>(place.step + 1), came.count = 2, came.sequences = 4;
    came.gradient_norm = static_cast<double>(place.step);
    came.learning_rate = place.fraction;
    return came;
  }
  double validate() override { return losses_.empty() ? std::nan("") : losses_.at(validated_++); }
  std::span<const double> weights() const override { return weight_; }
  void epoch_done(double loss) override { told.push_back(loss); }
  void put(Checkpoint<double>& c) override {
    c.vectors["weights"] = weight_;
    c.numbers["validated"] = static_cast<double>(validated_);
  }
  void take(const Checkpoint<double>& c) override {
    weight_ = c.vector("weights", 1);
    validated_ = c.count("validated");
  }

  std::size_t fails_at = 1000;
  std::vector<double> told;

 private:
  std::vector<double> losses_;
  std::size_t validated_ = 0;
  AlignedVector<double> weight_ = AlignedVector<double>(1);
};

/// Stops a run after so many steps.
struct StopAfter final : ProgressSink {
  explicit StopAfter(std::size_t steps) : left(steps) {}
  void on_batch(const ProgressRecord& record) override { seen.push_back(record); }
  bool should_stop() override { return --left == 0; }
  std::size_t left;
  std::vector<ProgressRecord> seen;
};

std::string path_of_checkpoint() {
  return ::testing::TempDir() + "/learning_run_" + std::to_string(::getpid());
}

TEST(LearningRun, TellsWhatItsStepsCameTo) {
  Counter counter;
  StopAfter sink(1000);
  const TrainingResult result = LearningRun<double>(counter, {.epochs = 2}, {.sink = &sink}).run();
  EXPECT_EQ(result.stopped, StopReason::finished);
  ASSERT_EQ(result.history.size(), 2u);
  const ProgressRecord& last = result.history[1];
  EXPECT_EQ(last.epoch, 2u);
  EXPECT_EQ(last.update, 6u);
  EXPECT_EQ(last.loss, 2);  // (2 + 4 + 6) / 6
  EXPECT_EQ(last.gradient_norm, 1);
  EXPECT_DOUBLE_EQ(last.learning_rate, 5.0 / 6);
  EXPECT_EQ(last.fraction, 1);
  EXPECT_TRUE(std::isnan(last.validation_loss));
  EXPECT_TRUE(last.best);
  ASSERT_EQ(sink.seen.size(), 6u);
  EXPECT_EQ(sink.seen[4].batch, 2u);
  EXPECT_EQ(sink.seen[4].batches, 3u);
  EXPECT_EQ(sink.seen[4].loss, 2);
  EXPECT_EQ(sink.seen[4].learning_rate, 4.0 / 6);
  EXPECT_THAT(counter.told, ElementsAre(2, 2));
}

TEST(LearningRun, KeepsTheBestAndLosesPatience) {
  Counter counter({5, 3, 4, 3, 1});
  std::vector<double> told;
  LearningRun<double> run(counter, {.epochs = 10, .patience = 2},
                          {.on_best = [&](std::span<const double> w, const ProgressRecord& r) {
                            told.push_back(w[0]);
                            EXPECT_EQ(r.validation_loss, w[0] == 3 ? 5 : 3);
                          }});
  const TrainingResult result = run.run();
  EXPECT_EQ(result.stopped, StopReason::patience);
  EXPECT_EQ(result.history.size(), 4u);
  EXPECT_EQ(result.best_epoch, 2u);
  EXPECT_EQ(result.best_validation_loss, 3);
  EXPECT_EQ(run.best_weights()[0], 9);  // 3 x 1 + 3 x 2
  EXPECT_THAT(told, ElementsAre(3, 9));
  EXPECT_THAT(counter.told, ElementsAre(5, 3, 4, 3));
}

TEST(LearningRun, EndsAtItsTargetOrOutOfTime) {
  Counter counter({5, 3, 1, 0});
  const TrainingResult reached = LearningRun<double>(counter, {.epochs = 4, .target_loss = 3}).run();
  EXPECT_EQ(reached.stopped, StopReason::target);
  EXPECT_EQ(reached.history.size(), 2u);
  Counter slow;
  const TrainingResult result = LearningRun<double>(slow, {.epochs = 4, .time_limit_seconds = 1e-12}).run();
  EXPECT_EQ(result.stopped, StopReason::time);
  EXPECT_EQ(result.history.size(), 1u);
}

TEST(LearningRun, AResumedRunIsTheOneNeverStopped) {
  const std::vector<double> losses = {4, 2, 3, 1};
  Counter whole(losses);
  LearningRun<double> uncut(whole, {.epochs = 4});
  const TrainingResult expected = uncut.run();
  for (std::size_t steps = 1; steps < 12; ++steps) {
    Counter first(losses), second(losses);
    StopAfter stop(steps);
    const LearningRunOptions options = {.epochs = 4, .checkpoint_path = path_of_checkpoint()};
    EXPECT_EQ(LearningRun<double>(first, options, {.sink = &stop}).run().stopped, StopReason::interrupted);
    LearningRun<double> rest(second, options);
    rest.resume(load_checkpoint<double>(options.checkpoint_path));
    const TrainingResult found = rest.run();
    EXPECT_EQ(second.weights()[0], whole.weights()[0]);
    EXPECT_EQ(rest.best_weights()[0], uncut.best_weights()[0]);
    ASSERT_EQ(found.history.size(), 4u);
    EXPECT_EQ(found.best_epoch, expected.best_epoch);
    for (std::size_t e = 0; e < 4; ++e) {
      EXPECT_EQ(found.history[e].loss, expected.history[e].loss);
      EXPECT_EQ(found.history[e].update, expected.history[e].update);
    }
  }
}

TEST(LearningRun, AFailureIsNamedWithItsPlaceAndACheckpointOfAnotherRunIsRefused) {
  Counter counter({3, 2, 1});
  counter.fails_at = 4;
  const LearningRunOptions options = {.epochs = 3, .seed = 7, .checkpoint_path = path_of_checkpoint()};
  EXPECT_THAT(
      [&] { LearningRun<double>(counter, options).run(); },
      ThrowsMessage<TrainingError>(HasSubstr("in epoch 2, nothing adds up; last good state: checkpoint " +
                                             path_of_checkpoint() + " (1 epochs and 0 steps done)")));
  const auto kept = load_checkpoint<double>(options.checkpoint_path);
  EXPECT_THAT(
      [&] { LearningRun<double>(counter, {.epochs = 3, .seed = 8}).resume(kept); },
      ThrowsMessage<ModelError>(HasSubstr("'counter' with seed 7, this run is 'counter' with seed 8")));
  EXPECT_THAT([&] { LearningRun<double>(counter, {.epochs = 0}); },
              ThrowsMessage<SettingError>(HasSubstr("epochs: found 0")));
  EXPECT_THAT([&] { LearningRun<double>(counter, {.time_limit_seconds = -1}); },
              ThrowsMessage<SettingError>(HasSubstr("time_limit_seconds: found -1")));
}

}  // namespace
}  // namespace carousel
