#include "training/weight_average.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "training/training_samples.h"

namespace carousel {
namespace {

using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;
using ::testing::ThrowsMessage;

/// By its definition: the weights of update t out of n count d^(n - t), divided by what all count.
std::vector<double> mean_of(const std::vector<std::vector<double>>& path, double decay) {
  std::vector<double> mean(path[0].size(), 0);
  double counted = 0;
  for (std::size_t t = 0; t < path.size(); ++t) {
    const double counts = std::pow(decay, static_cast<double>(path.size() - 1 - t));
    counted += counts;
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += counts * path[t][i];
  }
  for (double& m : mean) m /= counted;
  return mean;
}

TEST(WeightAverage, IsTheMeanOfAllWeightsByTheirAge) {
  for (const double decay : {0.5, 0.9, 0.999}) {
    WeightAverage<double> average(decay, 2);
    EXPECT_FALSE(average.has());
    std::vector<std::vector<double>> path;
    for (int t = 0; t < 50; ++t) {
      path.push_back({std::sin(t), 3.0 - t});
      average.add(path.back());
      ASSERT_TRUE(average.has());
      EXPECT_THAT(average.mean(), Pointwise(DoubleNear(1e-12), mean_of(path, decay))) << decay << " " << t;
    }
  }
}

TEST(WeightAverage, WithoutADecayThereIsNone) {
  WeightAverage<float> average(0, 2);
  average.add(std::vector<float>{1, 2});
  EXPECT_FALSE(average.has());
  Checkpoint<float> checkpoint;
  average.put(checkpoint);
  EXPECT_TRUE(checkpoint.vectors.empty());
  EXPECT_TRUE(checkpoint.numbers.empty());
}

TEST(WeightAverage, RefusesACheckpointThatLacksItsPart) {
  WeightAverage<float> average(0.9, 2);
  average.add(std::vector<float>{1, 2});
  Checkpoint<float> whole;
  average.put(whole);
  const auto taking = [&](auto change) {
    return [&average, &whole, change] {
      Checkpoint<float> checkpoint = whole;
      change(checkpoint);
      average.take(checkpoint);
    };
  };
  using C = Checkpoint<float>;
  EXPECT_THAT(taking([](C& c) { c.vectors.erase("average"); }),
              ThrowsMessage<ModelError>(HasSubstr("average")));
  EXPECT_THAT(taking([](C& c) { c.vectors["average"].pop_back(); }),
              ThrowsMessage<ModelError>(HasSubstr("average")));
  EXPECT_THAT(taking([](C& c) { c.numbers.erase("average.total"); }),
              ThrowsMessage<ModelError>(HasSubstr("average.total")));
  for (const double total : {-0.1, 1.5, std::nan("")})
    EXPECT_THAT(taking([=](C& c) { c.numbers["average.total"] = total; }),
                ThrowsMessage<ModelError>(HasSubstr("expected a number from 0 to 1")));
  EXPECT_THAT(average.mean(), ::testing::ElementsAre(1, 2));
}

TEST(WeightAverage, RefusesADecayThatIsNone) {
  for (const double decay : {-0.1, 1.0, 2.0, std::nan("")})
    EXPECT_THAT([=] { WeightAverage<float>(decay, 2); },
                ThrowsMessage<SettingError>(HasSubstr("average: found")));
}

/// Writes down the weights after every update.
class Path final : public ProgressSink {
 public:
  explicit Path(const Network<double>& network) : network_(network) {}
  void on_batch(const ProgressRecord&) override {
    weights.emplace_back(network_.weights().begin(), network_.weights().end());
  }
  void on_epoch(const ProgressRecord& record) override { losses.push_back(record.validation_loss); }
  bool should_stop() override { return weights.size() == stop_after; }

  std::size_t stop_after = 0;  // updates; 0: never
  std::vector<std::vector<double>> weights;
  std::vector<double> losses;

 private:
  const Network<double>& network_;
};

TEST(WeightAverage, IsWhatTrainingJudgesAndKeepsAndAtAConstantRateChangesNoUpdate) {
  const DecayingSums<double> training(8, 10, false), validation(9, 3, false);
  const auto loss = make_loss<double>("mse");
  ThreadPool pool(1);
  const auto train = [&](double average, Path& path, Network<double>& network) {
    TrainingOptions options;
    options.epochs = 1;
    options.average = average;
    options.schedule.learning_rate = 0.05;
    Trainer<double>({.model = network,
                     .loss = *loss,
                     .training = training,
                     .validation = &validation,
                     .pool = pool,
                     .sink = &path},
                    options)
        .run();
  };
  Network<double> plain("lstm 6, dense 1", 2, 5), averaged("lstm 6, dense 1", 2, 5);
  Path plainly(plain), on_average(averaged);
  train(0, plainly, plain);
  train(0.8, on_average, averaged);
  EXPECT_EQ(plainly.weights, on_average.weights);
  ASSERT_EQ(plainly.weights.size(), 10);
  EXPECT_THAT(averaged.weights(), Pointwise(DoubleNear(1e-12), mean_of(plainly.weights, 0.8)));
  // Of an epoch that is never finished as well.
  Network<double> cut("lstm 6, dense 1", 2, 5);
  Path stopped(cut);
  stopped.stop_after = 4;
  train(0.8, stopped, cut);
  EXPECT_THAT(cut.weights(), Pointwise(DoubleNear(1e-12), mean_of(stopped.weights, 0.8)));
  // The loss that was told is the one of the network that was kept.
  const auto runner = Trainee<double>(averaged).make_runner(*loss, false);
  EXPECT_EQ(on_average.losses.at(0), evaluate_loss<double>(*runner, validation, pool).mean());
}

}  // namespace
}  // namespace carousel
