#include "training/trainer.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/same_bits.h"
#include "training/training_samples.h"

namespace carousel {
namespace {

using carousel::testing::same_bits;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Everything that a run in double needs.
struct Setting {
  explicit Setting(const std::string& spec = "lstm 4, dense 1") : network(spec, 2, 7) {
    options.schedule.learning_rate = 0.01;
    options.epochs = 3;
  }
  Trainer<double> trainer() {
    return Trainer<double>({.model = network,
                            .loss = *loss,
                            .training = *training,
                            .validation = validation.get(),
                            .pool = pool,
                            .sink = &sink,
                            .on_best = on_best},
                           options);
  }
  std::vector<double> weights() const { return {network.weights().begin(), network.weights().end()}; }

  Network<double> network;
  LossPointer<double> loss = make_loss<double>("mse");
  std::unique_ptr<BatchSource<double>> training = std::make_unique<DecayingSums<double>>(1, 4);
  std::unique_ptr<BatchSource<double>> validation = std::make_unique<DecayingSums<double>>(2, 2);
  ThreadPool pool{1};
  RecordingSink sink;
  std::function<void(std::span<const double>, const ProgressRecord&)> on_best;
  TrainingOptions options;
};

/// One batch of sequences of the given lengths, with random inputs and targets.
Batch<double> random_batch(const std::vector<std::size_t>& lengths, std::uint64_t stream) {
  const Random random(5, stream);
  Batch<double> batch{Sequences<double>(lengths, 2), Sequences<double>(lengths, 1), {}};
  std::uint64_t at = 0;
  for (double& x : batch.x.values()) x = random.uniform(at++, -1, 1);
  for (double& y : batch.targets.values()) y = random.uniform(at++, -1, 1);
  return batch;
}

std::unique_ptr<BatchSource<double>> given(std::vector<Batch<double>> batches) {
  return std::make_unique<GivenBatches<double>>(std::move(batches));
}

TEST(Trainer, OneStepFollowsTheGradientOfTheMeanLoss) {
  Setting s;
  s.training = given({random_batch({3, 0, 5, 1}, 1)});
  s.options.epochs = 1;
  s.options.optimizer.name = "sgd";
  s.options.schedule.learning_rate = 0.5;
  const std::vector<double> before = s.weights();
  std::vector<double> expected = before;
  for (std::size_t i = 0; i < before.size(); ++i) {
    std::vector<double> moved = before;
    const double step = 1e-5;
    moved[i] = before[i] + step;
    s.network.set_weights(moved);
    const double above = evaluate_loss(s.network, *s.loss, *s.training, s.pool).mean();
    moved[i] = before[i] - step;
    s.network.set_weights(moved);
    const double below = evaluate_loss(s.network, *s.loss, *s.training, s.pool).mean();
    expected[i] -= 0.5 * (above - below) / (2 * step);
  }
  s.network.set_weights(before);
  s.trainer().run();
  EXPECT_THAT(s.weights(), ::testing::Pointwise(::testing::DoubleNear(1e-9), expected));
}

TEST(Trainer, TellsTheSinkWhereItStands) {
  Setting s;
  s.options.epochs = 5;
  const TrainingResult result = s.trainer().run();
  EXPECT_EQ(result.stopped, StopReason::finished);
  ASSERT_EQ(s.sink.batches.size(), 20u);
  ASSERT_EQ(s.sink.epochs.size(), 5u);
  double fraction = 0;
  for (std::size_t i = 0; i < 20; ++i) {
    const ProgressRecord& record = s.sink.batches[i];
    EXPECT_EQ(record.epoch, i / 4 + 1);
    EXPECT_EQ(record.epochs, 5u);
    EXPECT_EQ(record.batch, i % 4 + 1);
    EXPECT_EQ(record.batches, 4u);
    EXPECT_EQ(record.update, i + 1);
    EXPECT_DOUBLE_EQ(record.fraction, static_cast<double>(i + 1) / 20);
    EXPECT_GT(record.fraction, fraction);
    EXPECT_GT(record.gradient_norm, 0);
    EXPECT_EQ(record.learning_rate, 0.01);
    fraction = record.fraction;
  }
  EXPECT_EQ(fraction, 1);
  for (const ProgressRecord& record : s.sink.epochs) {
    EXPECT_EQ(record.batch, 4u);
    EXPECT_GT(record.validation_loss, 0);
  }
  EXPECT_LT(s.sink.epochs.back().loss, s.sink.epochs.front().loss);
  EXPECT_EQ(result.history.size(), 5u);
}

TEST(Trainer, ThreadsDoNotShow) {
  for (const std::string spec : {"lstm 16, dropout 0.2, lstm 8, dense 1", "bidirectional(lstm 8), dense 1"}) {
    std::vector<double> alone;
    for (const std::size_t threads : {1, 2, 3, 8}) {
      Network<double> network(spec, 2, 3);
      const DecayingSums<double> source(4, 10);
      const auto loss = make_loss<double>("huber");
      ThreadPool pool(threads);
      TrainingOptions options;
      options.epochs = 5;
      options.clip_norm = 0.5;
      Trainer<double>({.model = network, .loss = *loss, .training = source, .pool = pool}, options).run();
      const std::vector<double> weights(network.weights().begin(), network.weights().end());
      if (threads == 1) alone = weights;
      EXPECT_TRUE(same_bits(weights, alone)) << spec << " on " << threads << " threads";
    }
  }
}

TEST(Trainer, StopsWhenValidationNoLongerImprovesAndKeepsTheBest) {
  Setting s;
  // The validation part wants the opposite of what training teaches, so it is best early on.
  s.training = given({random_batch({6, 6, 6}, 1)});
  Batch<double> opposite = random_batch({6, 6, 6}, 1);
  for (double& y : opposite.targets.values()) y = 0.3 - 0.5 * y;
  s.validation = given({opposite});
  s.options.epochs = 500;
  s.options.patience = 4;
  s.options.checkpoint_seconds = 0;
  s.options.schedule.learning_rate = 0.02;
  std::vector<std::size_t> told;
  std::vector<double> told_weights;
  s.on_best = [&](std::span<const double> weights, const ProgressRecord& record) {
    told.push_back(record.epoch);
    told_weights.assign(weights.begin(), weights.end());
  };
  const TrainingResult result = s.trainer().run();
  EXPECT_EQ(result.stopped, StopReason::patience);
  EXPECT_EQ(result.history.size(), result.best_epoch + 4);
  const auto lowest = std::ranges::min_element(result.history, {}, &ProgressRecord::validation_loss);
  EXPECT_EQ(result.best_epoch, lowest->epoch);
  EXPECT_GT(result.best_epoch, 0u);
  EXPECT_EQ(result.best_validation_loss, lowest->validation_loss);
  EXPECT_EQ(evaluate_loss(s.network, *s.loss, *s.validation, s.pool).mean(), lowest->validation_loss);
  EXPECT_EQ(told.back(), result.best_epoch);
  EXPECT_TRUE(same_bits(told_weights, s.weights()));
  for (const ProgressRecord& record : result.history)
    EXPECT_EQ(record.best, std::ranges::count(told, record.epoch) == 1) << record.epoch;
}

TEST(Trainer, WithoutValidationTheLastEpochCounts) {
  Setting s;
  s.validation = nullptr;
  const TrainingResult result = s.trainer().run();
  EXPECT_EQ(result.best_epoch, 3u);
  EXPECT_TRUE(std::isnan(result.best_validation_loss));
  EXPECT_TRUE(std::isnan(result.history[0].validation_loss));
}

TEST(Trainer, ATimeLimitEndsTheEpochUnderWayAndJudgesIt) {
  Setting s;
  s.options.time_limit_seconds = 1e-9;
  const TrainingResult result = s.trainer().run();
  EXPECT_EQ(result.stopped, StopReason::time);
  ASSERT_EQ(result.history.size(), 1u);
  EXPECT_EQ(result.history[0].batch, 1u);
  EXPECT_GT(result.history[0].validation_loss, 0);
  EXPECT_EQ(result.history[0].fraction, 1);
  EXPECT_EQ(result.best_epoch, 1u);
}

TEST(Trainer, UpdatesPerEpochEndAnEpoch) {
  Setting s;
  s.options.updates_per_epoch = 3;
  const TrainingResult result = s.trainer().run();
  ASSERT_EQ(result.history.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(result.history[i].batch, 3u);
    EXPECT_EQ(result.history[i].update, 3 * (i + 1));
  }
  EXPECT_EQ(s.sink.batches.back().fraction, 1);
}

TEST(Trainer, SchedulesAndClippingReachTheUpdates) {
  Setting s;
  s.options.schedule.name = "cosine";
  s.options.schedule.warm_up_updates = 2;
  s.options.optimizer.name = "sgd";
  s.options.clip_norm = 1e-3;
  std::vector<double> before = s.weights();
  s.options.epochs = 1;
  s.validation = nullptr;
  s.training = given({random_batch({4, 2}, 1)});
  s.trainer().run();
  // Half the rate in the first of two warm-up updates, a gradient of norm 1e-3.
  double square = 0;
  for (std::size_t i = 0; i < before.size(); ++i) square += std::pow(s.weights()[i] - before[i], 2);
  EXPECT_NEAR(std::sqrt(square), 0.01 / 2 * 1e-3, 1e-12);
  EXPECT_GT(s.sink.batches[0].gradient_norm, 1e-3);
  EXPECT_EQ(s.sink.batches[0].learning_rate, 0.005);
}

TEST(Trainer, ChunksOfTimeCarryTheStateAndUpdateEach) {
  const auto loss_with = [](std::size_t tbptt, double rate) {
    Setting s;
    s.training = given({random_batch({7, 3, 0, 10}, 1), random_batch({2, 1}, 2)});
    s.options.optimizer.name = "sgd";
    s.options.schedule.learning_rate = rate;
    s.options.tbptt = tbptt;
    s.options.epochs = 1;
    const TrainingResult result = s.trainer().run();
    return std::pair(result.history[0].loss, result.history[0].update);
  };
  // At a rate too small to change a weight, only the carried state decides.
  const auto whole = loss_with(0, 1e-30);
  EXPECT_EQ(whole.second, 2u);
  for (const std::size_t chunk : {1, 3, 4, 10, 1000}) {
    const auto chunked = loss_with(chunk, 1e-30);
    EXPECT_NEAR(chunked.first, whole.first, 1e-13) << chunk;
    EXPECT_EQ(chunked.second, (10 + chunk - 1) / chunk + (chunk == 1 ? 2 : 1)) << chunk;
  }
  EXPECT_NE(loss_with(3, 0.5).first, loss_with(0, 0.5).first);
}

TEST(Trainer, StatesGoOnWhereABatchCarriesThem) {
  const Batch<double> whole = random_batch({6, 6}, 1);
  Batch<double> first{slice_time(whole.x, 0, 2), slice_time(whole.targets, 0, 2), {}};
  Batch<double> second{slice_time(whole.x, 2, 6), slice_time(whole.targets, 2, 6), {1, 1}};
  const auto loss_of = [](std::vector<Batch<double>> batches) {
    const Setting s;
    ThreadPool pool(1);
    return evaluate_loss(s.network, *s.loss, *given(std::move(batches)), pool).mean();
  };
  EXPECT_NEAR(loss_of({first, second}), loss_of({whole}), 1e-14);
  second.carry = {1, 0};
  EXPECT_GT(std::abs(loss_of({first, second}) - loss_of({whole})), 1e-6);
}

TEST(Trainer, ABatchWithoutTargetsChangesNothing) {
  Setting s;
  Batch<double> silent = random_batch({3, 3}, 2);
  silent.targets.fill(kNan);
  s.options.optimizer = {.name = "sgd", .momentum = 0.9};
  s.options.epochs = 1;
  s.training = given({random_batch({3, 3}, 1)});
  Setting with = Setting();
  with.options = s.options;
  with.training = given({random_batch({3, 3}, 1), silent, silent});
  s.trainer().run();
  with.trainer().run();
  EXPECT_TRUE(same_bits(with.weights(), s.weights()));
  EXPECT_EQ(with.sink.batches.back().update, 1u);
}

TEST(Trainer, RefusesDataWithoutTargetsOrBatches) {
  Setting s;
  Batch<double> silent = random_batch({3, 3}, 2);
  silent.targets.fill(kNan);
  s.training = given({silent});
  EXPECT_THAT([&] { s.trainer().run(); }, ThrowsMessage<DataError>(HasSubstr("no target")));
  s.training = given({});
  EXPECT_THAT([&] { s.trainer().run(); }, ThrowsMessage<DataError>(HasSubstr("no batches")));
  s.training = given({random_batch({3}, 1)});
  s.validation = given({silent});
  EXPECT_THAT([&] { s.trainer().run(); }, ThrowsMessage<DataError>(HasSubstr("no target")));
}

TEST(Trainer, RefusesWhatDoesNotFit) {
  const auto with = [](auto change) {
    return [change] {
      Setting s;
      change(s);
      s.trainer().run();
    };
  };
  const auto setting = [](const char* word) { return ThrowsMessage<SettingError>(HasSubstr(word)); };
  EXPECT_THAT(with([](Setting& s) { s.options.epochs = 0; }), setting("epochs"));
  EXPECT_THAT(with([](Setting& s) { s.options.clip_norm = -1; }), setting("clip_norm"));
  EXPECT_THAT(with([](Setting& s) { s.options.time_limit_seconds = kNan; }), setting("time_limit_seconds"));
  EXPECT_THAT(with([](Setting& s) { s.options.checkpoint_seconds = -1; }), setting("checkpoint_seconds"));
  EXPECT_THAT(with([](Setting& s) {
                s.options.patience = 3;
                s.validation = nullptr;
              }),
              setting("patience"));
  EXPECT_THAT(with([](Setting& s) { s.loss = make_loss<double>("gaussian"); }), setting("needs 2 outputs"));
  EXPECT_THAT(
      [] {
        Setting s("bidirectional(lstm 2), dense 1");
        s.options.tbptt = 3;
        s.trainer();
      },
      setting("tbptt"));
  EXPECT_THAT(
      [] {
        Setting s("bidirectional(lstm 2), dense 1");
        s.training = std::make_unique<DecayingSums<double>>(1, 2, true);
        s.trainer().run();
      },
      setting("carried"));
  const auto data = [&](auto change) {
    return with([change](Setting& s) {
      Batch<double> batch = random_batch({3, 2}, 1);
      change(batch);
      s.training = given({batch});
    });
  };
  const auto error = [](const char* word) { return ThrowsMessage<Error>(HasSubstr(word)); };
  EXPECT_THAT(data([](Batch<double>& b) { b.x = Sequences<double>({3, 2}, 5); }), error("takes 2 inputs"));
  EXPECT_THAT(data([](Batch<double>& b) {
                b.x = Sequences<double>({2, 3}, 2);
              }),
              error("sequence 0: expected targets for 2 steps"));
  EXPECT_THAT(data([](Batch<double>& b) { b.targets = Sequences<double>({3}, 1); }),
              error("2 predictions and 1"));
  EXPECT_THAT(data([](Batch<double>& b) { b.carry = {0}; }), error("2 carry flags"));
  EXPECT_THAT(data([](Batch<double>& b) { b.carry = {1, 0}; }), error("goes on from"));
}

}  // namespace
}  // namespace carousel
