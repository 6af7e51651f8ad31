// Small tasks that must be learnt, each with a ceiling for the error on sequences not trained on.
#include <carousel/training.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "training/trainer.h"

namespace carousel {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// Batches of 32 sequences, each made by a function from its own random numbers.
class Generated : public BatchSource<float> {
 public:
  Generated(std::uint64_t seed, std::size_t batch_count) : seed_(seed), batches_(batch_count) {}
  std::size_t batches(std::size_t) const override { return batches_; }
  Batch<float> get(std::size_t epoch, std::size_t index) const override {
    constexpr std::size_t kBatch = 32;
    const auto random = [&](std::size_t b) { return Random(seed_, (epoch * batches_ + index) * kBatch + b); };
    std::vector<std::size_t> lengths(kBatch);
    for (std::size_t b = 0; b < kBatch; ++b) lengths[b] = length(random(b));
    Batch<float> batch{Sequences<float>(lengths, inputs()), Sequences<float>(lengths, 1), {}};
    batch.targets.fill(kMissing);
    for (std::size_t b = 0; b < kBatch; ++b) fill(random(b), b, batch);
    return batch;
  }
  virtual std::size_t inputs() const = 0;

 protected:
  virtual std::size_t length(const Random& random) const = 0;
  virtual void fill(const Random& random, std::size_t b, Batch<float>& batch) const = 0;

 private:
  std::uint64_t seed_;
  std::size_t batches_;
};

/// The first of 21 values is 1 or -1 and must be told at the end; the others are noise.
class FirstSymbol final : public Generated {
 public:
  using Generated::Generated;
  std::size_t inputs() const override { return 1; }

 private:
  std::size_t length(const Random&) const override { return 21; }
  void fill(const Random& random, std::size_t b, Batch<float>& batch) const override {
    const float first = random.bits(0) % 2 == 0 ? 1.0f : -1.0f;
    batch.x.at(b, 0)[0] = first;
    for (std::size_t t = 1; t < 21; ++t)
      batch.x.at(b, t)[0] = static_cast<float>(random.uniform(t, -0.5, 0.5));
    batch.targets.at(b, 20)[0] = first;
  }
};

/// Symbols, six of them by chance: at every step from the third on, the one two steps before.
class SymbolBeforeTheLast final : public Generated {
 public:
  using Generated::Generated;
  std::size_t inputs() const override { return 1; }

 private:
  std::size_t length(const Random&) const override { return 12; }
  void fill(const Random& random, std::size_t b, Batch<float>& batch) const override {
    for (std::size_t t = 0; t < 12; ++t) {
      batch.x.at(b, t)[0] = static_cast<float>(random.below(t, 6));
      if (t >= 2) batch.targets.at(b, t)[0] = batch.x.at(b, t - 2)[0];
    }
  }
};

/// At every step the sum of the last three values; lengths differ.
class SumOfLastThree final : public Generated {
 public:
  using Generated::Generated;
  std::size_t inputs() const override { return 1; }

 private:
  std::size_t length(const Random& random) const override { return 5 + random.below(100, 11); }
  void fill(const Random& random, std::size_t b, Batch<float>& batch) const override {
    const std::size_t steps = batch.x.layout().length(b);
    const auto value = [&](std::size_t t) { return static_cast<float>(random.uniform(t, -1, 1)); };
    for (std::size_t t = 0; t < steps; ++t) {
      batch.x.at(b, t)[0] = value(t);
      batch.targets.at(b, t)[0] = value(t) + (t > 0 ? value(t - 1) : 0) + (t > 1 ? value(t - 2) : 0);
    }
  }
};

/// A sine of unknown phase and period, a little noisy: the value three steps ahead, from the tenth step on.
class SineAhead final : public Generated {
 public:
  using Generated::Generated;
  std::size_t inputs() const override { return 1; }

 private:
  std::size_t length(const Random&) const override { return 30; }
  void fill(const Random& random, std::size_t b, Batch<float>& batch) const override {
    const double phase = random.uniform(0, 0, 6.283), period = random.uniform(1, 8, 16);
    const auto sine = [&](std::size_t t) {
      return std::sin(phase + 6.283 * static_cast<double>(t) / period);
    };
    for (std::size_t t = 0; t < 30; ++t) {
      batch.x.at(b, t)[0] = static_cast<float>(sine(t) + random.uniform(t + 2, -0.05, 0.05));
      if (t >= 9) batch.targets.at(b, t)[0] = static_cast<float>(sine(t + 3));
    }
  }
};

/// At every step the sum of the next two values: nothing that a network reading forward can know.
class SumOfNextTwo final : public Generated {
 public:
  using Generated::Generated;
  std::size_t inputs() const override { return 1; }

 private:
  std::size_t length(const Random& random) const override { return 4 + random.below(100, 9); }
  void fill(const Random& random, std::size_t b, Batch<float>& batch) const override {
    const std::size_t steps = batch.x.layout().length(b);
    for (std::size_t t = 0; t < steps; ++t)
      batch.x.at(b, t)[0] = static_cast<float>(random.uniform(t, -1, 1));
    for (std::size_t t = 0; t < steps; ++t)
      batch.targets.at(b, t)[0] =
          (t + 1 < steps ? batch.x.at(b, t + 1)[0] : 0) + (t + 2 < steps ? batch.x.at(b, t + 2)[0] : 0);
  }
};

/// -1 in one of four cases, 1 in the others, up to 0.1 beside.
class EitherOr final : public Generated {
 public:
  using Generated::Generated;
  std::size_t inputs() const override { return 1; }

 private:
  std::size_t length(const Random&) const override { return 8; }
  void fill(const Random& random, std::size_t b, Batch<float>& batch) const override {
    for (std::size_t t = 0; t < 8; ++t) {
      batch.x.at(b, t)[0] = 0;
      batch.targets.at(b, t)[0] =
          static_cast<float>((random.below(2 * t, 4) == 0 ? -1 : 1) + random.uniform(2 * t + 1, -0.1, 0.1));
    }
  }
};

/// Nothing in, noise out: the target is spread evenly over [2, 3].
class EvenNoise final : public Generated {
 public:
  using Generated::Generated;
  std::size_t inputs() const override { return 1; }

 private:
  std::size_t length(const Random&) const override { return 8; }
  void fill(const Random& random, std::size_t b, Batch<float>& batch) const override {
    for (std::size_t t = 0; t < 8; ++t)
      batch.targets.at(b, t)[0] = static_cast<float>(random.uniform(t, 2, 3));
  }
};

struct Learnt {
  double test_error;
  std::vector<float> weights;
};

/// So many updates, 50 an epoch.
template <class Source>
void train(Network<float>& network, const Loss<float>& loss, std::size_t updates, double rate,
           std::size_t tbptt = 0, const std::string& optimizer = "adam", double average = 0) {
  const Source training(1, 50);
  ThreadPool pool(2);
  TrainingOptions options;
  options.epochs = updates / 50;
  options.updates_per_epoch = 50;
  options.schedule.name = "cosine";
  options.schedule.learning_rate = rate;
  options.optimizer.name = optimizer;
  options.average = average;
  options.clip_norm = 1;
  options.tbptt = tbptt;
  Trainer<float>({.model = network, .loss = loss, .training = training, .pool = pool}, options).run();
}

/// Mean squared error on a test part after training.
template <class Source>
Learnt learn(const std::string& spec, std::size_t updates, double rate, const std::string& loss_name = "mse",
             std::size_t tbptt = 0, const std::string& optimizer = "adam", double average = 0) {
  const Source test(2, 10);
  Network<float> network(spec, test.inputs(), 3);
  train<Source>(network, *make_loss<float>(loss_name), updates, rate, tbptt, optimizer, average);
  ThreadPool pool(2);
  return {evaluate_loss(network, *make_loss<float>("mse"), test, pool).mean(),
          {network.weights().begin(), network.weights().end()}};
}

/// What a network says after eight steps of zeros.
std::vector<float> answer(const Network<float>& network) {
  const Sequences<float> x({8}, 1);
  Sequences<float> y;
  Tensor<float> state({1, network.state_size()});
  ThreadPool pool(1);
  Pass pass;
  pass.pool = &pool;
  const auto trace = network.make_trace();
  network.forward(pass, x, state.matrix(), y, *trace);
  return {y.at(0, 7).begin(), y.at(0, 7).end()};
}

TEST(Learning, TheFirstSymbolIsRememberedOver20Steps) {
  // Saying 0 always has an error of 1.
  EXPECT_LT(learn<FirstSymbol>("lstm 8, dense 1", 600, 0.02).test_error, 0.01);
}

TEST(Learning, SumOfTheLastThreeValues) {
  // Saying 0 always has an error of almost 1; knowing only the present value, 2/3.
  EXPECT_LT(learn<SumOfLastThree>("lstm 16, dense 1", 1000, 0.02).test_error, 0.01);
}

TEST(Learning, SumOfTheLastThreeValuesByAdafactor) {
  EXPECT_LT(learn<SumOfLastThree>("lstm 16, dense 1", 1000, 0.1, "mse", 0, "adafactor").test_error, 0.01);
}

TEST(Learning, SumOfTheLastThreeValuesByTheMeanOfTheWeights) {
  EXPECT_LT(learn<SumOfLastThree>("lstm 16, dense 1", 1000, 0.02, "mse", 0, "adam", 0.99).test_error, 0.01);
}

TEST(Learning, SumOfTheLastThreeValuesByAGru) {
  EXPECT_LT(learn<SumOfLastThree>("gru 16, dense 1", 1000, 0.02).test_error, 0.01);
  EXPECT_LT(learn<SumOfLastThree>("gru 16 reset=before, dense 1", 1000, 0.02).test_error, 0.01);
}

TEST(Learning, SumOfTheLastThreeValuesByRelatives) {
  for (const char* layer : {"rnn 16", "rnn 16 activation=relu", "slstm 16 heads=2"})
    EXPECT_LT(learn<SumOfLastThree>(std::string(layer) + ", dense 1", 1000, 0.02).test_error, 0.01) << layer;
}

TEST(Learning, TheFirstSymbolIsRememberedByRelatives) {
  // Gates that see the input alone tell the first value, which is larger than all others, from its size.
  for (const char* layer :
       {"min_lstm 16", "min_gru 16", "min_lstm 16 candidate=positive", "mlstm 8 heads=2",
        "mlstm 8 heads=2 forget_activation=exponential", "slstm 8 forget_activation=exponential"})
    EXPECT_LT(learn<FirstSymbol>(std::string(layer) + ", dense 1", 600, 0.02).test_error, 0.01) << layer;
}

TEST(Learning, SumOfTheLastThreeValuesUnderEveryRobustLoss) {
  EXPECT_LT(learn<SumOfLastThree>("lstm 16, dense 1", 1000, 0.02, "mae").test_error, 0.02);
  EXPECT_LT(learn<SumOfLastThree>("lstm 16, dense 1", 1000, 0.02, "huber").test_error, 0.02);
}

TEST(Learning, ASineIsForecastThreeStepsAhead) {
  // Saying 0 always has an error of 1/2.
  EXPECT_LT(learn<SineAhead>("lstm 16, dense 1", 1000, 0.02).test_error, 0.01);
}

TEST(Learning, ASymbolIsRememberedForTwoSteps) {
  // Not knowing costs log 6 = 1.79 nats a symbol.
  Network<float> network("embedding 6 4, lstm 24, dense 6", 1, 3);
  LossOptions options;
  options.classes = 6;
  const auto loss = make_loss<float>("cross_entropy", options);
  train<SymbolBeforeTheLast>(network, *loss, 1000, 0.02);
  ThreadPool pool(2);
  EXPECT_LT(evaluate_loss(network, *loss, SymbolBeforeTheLast(2, 10), pool).mean(), 0.02);
}

TEST(Learning, AConvolutionSumsTheLastThreeValues) {
  EXPECT_LT(learn<SumOfLastThree>("conv1d 1 kernel=3", 1000, 0.02).test_error, 1e-6);
  // With two values 1/3, the variance of the third, cannot be known.
  EXPECT_GT(learn<SumOfLastThree>("conv1d 1 kernel=2", 200, 0.02).test_error, 0.25);
}

TEST(Learning, BesideAndBehindOtherLayers) {
  EXPECT_LT(
      learn<SumOfLastThree>("parallel(lstm 12, stack(dense 8 tanh, gru 8)), layer_norm, dense 1", 800, 0.02)
          .test_error,
      0.02);
}

TEST(Learning, ASymbolIsRememberedByAHeadOfLogarithms) {
  Network<float> network("embedding 6 4, lstm 24, softmax 6 log=on", 1, 3);
  LossOptions options;
  options.classes = 6;
  const auto loss = make_loss<float>("cross_entropy", options);
  train<SymbolBeforeTheLast>(network, *loss, 1000, 0.02);
  ThreadPool pool(2);
  EXPECT_LT(evaluate_loss(network, *loss, SymbolBeforeTheLast(2, 10), pool).mean(), 0.02);
}

TEST(Learning, APyramidReadsPairsOfSteps) {
  // At every pair of steps the product of its two values and the sum of the pair before.
  const auto examples = [](std::uint64_t seed) {
    const Random random(seed, 0);
    std::vector<Example> result(64);
    std::uint64_t next = 0;
    for (Example& example : result) {
      float before = 0;
      for (std::size_t pair = 0; pair < 6; ++pair) {
        const auto a = static_cast<float>(random.uniform(next++, -1, 1));
        const auto b = static_cast<float>(random.uniform(next++, -1, 1));
        example.x.insert(example.x.end(), {a, b});
        example.target.push_back(a * b + before);
        before = a + b;
      }
    }
    return result;
  };
  Model model = Model::create("pyramid, lstm 24, dense 1", 1, 3);
  TrainingSettings settings;
  settings.epochs = 400;
  settings.learning_rate = 0.01;
  // Saying 0 always has an error of 2/3 + 1/9.
  EXPECT_LT(carousel::train(model, examples(1), examples(2), settings).validation_loss, 0.05);
}

TEST(Learning, TheFutureNeedsBothDirections) {
  EXPECT_LT(learn<SumOfNextTwo>("bidirectional(lstm 8), dense 1", 800, 0.02).test_error, 0.02);
  // 2/3 is the variance of the sum; a network that only sees the past cannot know better.
  EXPECT_GT(learn<SumOfNextTwo>("lstm 8, dense 1", 200, 0.02).test_error, 0.4);
}

TEST(Learning, DeepResidualNetworksLearnToo) {
  EXPECT_LT(
      learn<SumOfLastThree>("dense 12 tanh, residual(lstm 12), dropout 0.02, lstm 12, dense 1", 800, 0.01)
          .test_error,
      0.03);
}

TEST(Learning, ChunksOfTimeWithCarriedStatesLearnToo) {
  EXPECT_LT(learn<SumOfLastThree>("lstm 16, dense 1", 2000, 0.02, "mse", 4).test_error, 0.02);
}

TEST(Learning, QuantilesOfNoise) {
  Network<float> network("lstm 4, dense 3", 1, 3);
  train<EvenNoise>(network, *make_loss<float>("quantile"), 1000, 0.02);
  const std::vector<float> quantiles = answer(network);
  EXPECT_NEAR(quantiles[0], 2.1, 0.03);
  EXPECT_NEAR(quantiles[1], 2.5, 0.03);
  EXPECT_NEAR(quantiles[2], 2.9, 0.03);
}

TEST(Learning, MeanAndVarianceOfNoise) {
  Network<float> network("lstm 4, dense 2", 1, 3);
  train<EvenNoise>(network, *make_loss<float>("gaussian"), 1000, 0.02);
  const std::vector<float> normal = answer(network);
  EXPECT_NEAR(normal[0], 2.5, 0.03);
  EXPECT_NEAR(std::exp(normal[1]), 1.0 / 12, 0.01);
}

TEST(Learning, AMixtureHasBothOfTwoAnswers) {
  Network<float> network("lstm 4, mixture 2", 1, 3);
  LossOptions options;
  options.components = 2;
  const auto loss = make_loss<float>("mixture", options);
  train<EitherOr>(network, *loss, 1000, 0.02);
  std::vector<float> mixture = answer(network);
  if (mixture[2] > mixture[3]) std::swap(mixture[2], mixture[3]), std::swap(mixture[0], mixture[1]);
  EXPECT_NEAR(mixture[0], 0.25, 0.05);
  EXPECT_NEAR(mixture[2], -1, 0.03);
  EXPECT_NEAR(mixture[3], 1, 0.03);
  EXPECT_NEAR(mixture[4], 0.2 / std::sqrt(12.0), 0.02);
  // The best that one Gaussian can do is log(sqrt(2 pi e) 0.87) = 1.28.
  ThreadPool pool(2);
  EXPECT_LT(evaluate_loss(network, *loss, EitherOr(2, 10), pool).mean(), -0.6);
}

TEST(Learning, TheSameSeedGivesTheSameBits) {
  const Learnt once = learn<SumOfLastThree>("lstm 8, dropout 0.1, dense 1", 100, 0.02);
  const Learnt again = learn<SumOfLastThree>("lstm 8, dropout 0.1, dense 1", 100, 0.02);
  EXPECT_EQ(once.test_error, again.test_error);
  EXPECT_EQ(once.weights, again.weights);
}

}  // namespace
}  // namespace carousel
