// The Kalman filter as a way to learn: against recursive least squares where the network is linear, and
// elsewhere against a slow one whose derivatives are differences.
#include "training/kalman/kalman.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstring>
#include <optional>

#include "training/kalman/whole_filter_testing.h"
#include "training/learning_run.h"
#include "training/training_samples.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const double kNone = std::nan("");

/// Inputs in [-1, 1); targets in [0, 1), or classes, some of them missing.
Batch<double> some_batch(std::uint64_t seed, const std::vector<std::size_t>& lengths, std::size_t inputs,
                         std::size_t targets, std::size_t classes = 0) {
  const Random random(seed, 0);
  Batch<double> batch{Sequences<double>(lengths, inputs), Sequences<double>(lengths, targets), {}};
  std::uint64_t at = 0;
  for (double& x : batch.x.values()) x = random.uniform(at++, -1, 1);
  for (double& target : batch.targets.values()) {
    target = classes > 0 ? static_cast<double>(random.below(at++, classes)) : random.uniform(at++);
    if (random.uniform(at++) < 0.2) target = kNone;
  }
  return batch;
}

TEST(Kalman, OfALinearNetworkIsRecursiveLeastSquares) {
  Network<double> network("dense 1", 3, 2);
  const Batch<double> batch = some_batch(7, {30}, 3, 1);
  // Every weight and the bias, which sees 1; forgets nothing.
  Eigen::Vector4d w(network.weights().data());
  Eigen::Matrix4d P = 50 * Eigen::Matrix4d::Identity();
  for (std::size_t t = 0; t < 30; ++t) {
    const double target = batch.targets.at(0, t)[0];
    if (std::isnan(target)) continue;
    const Eigen::Vector4d u(batch.x.at(0, t)[0], batch.x.at(0, t)[1], batch.x.at(0, t)[2], 1);
    const Eigen::Vector4d gain = P * u / (1 + u.dot(P * u));
    w += gain * (target - u.dot(w));
    P -= gain * (u.transpose() * P);
  }
  const GivenBatches<double> source({batch});
  ThreadPool pool(1);
  KalmanOptions options;
  options.grouping = WeightGrouping::all;
  options.variance = 50;
  options.measurement_noise = options.final_measurement_noise = 1;
  options.process_noise = options.final_process_noise = 0;
  Kalman<double> kalman({network, source, nullptr, pool}, options);
  kalman.step({});
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(kalman.weights()[k], w[k], 1e-9);
}

TEST(Kalman, NoiseFallsByEqualFactors) {
  Network<double> network("dense 1", 1, 2);
  network.update_weights([](std::span<double> w) { w[0] = 0.5, w[1] = 0; });
  Batch<double> batch = some_batch(1, {1}, 1, 1);
  batch.x.at(0, 0)[0] = 0, batch.targets.at(0, 0)[0] = 3;  // the bias alone is seen
  const GivenBatches<double> source({batch});
  ThreadPool pool(1);
  KalmanOptions options;
  options.variance = 4;
  options.measurement_noise = 100, options.final_measurement_noise = 1;
  options.process_noise = 1e-2, options.final_process_noise = 1e-4;
  options.annealing = 0.5;
  Kalman<double> kalman({network, source, nullptr, pool}, options);
  double w = 0, P = 4;
  const std::vector<std::array<double, 3>> noises = {
      {0, 100, 1e-2}, {0.25, 10, 1e-3}, {0.5, 1, 1e-4}, {0.9, 1, 1e-4}};
  for (const auto& [fraction, R, Q] : noises) {
    const LearningStep came = kalman.step({.fraction = fraction});
    EXPECT_NEAR(came.loss, (3 - w) * (3 - w), 1e-12);
    EXPECT_EQ(came.count, 1u);
    w += P / (P + R) * (3 - w);
    P = P - P * P / (P + R) + Q;
    EXPECT_NEAR(network.weights()[1], w, 1e-12);
    EXPECT_EQ(network.weights()[0], 0.5);
  }
}

/// The same way to learn with differences for derivatives and whole matrices.
class SlowKalman {
 public:
  SlowKalman(const Network<double>& network, KalmanOptions options)
      : options_(options),
        network_(network.spec(), network.inputs()),
        w_(network.weights().begin(), network.weights().end()),
        filter_{weight_groups(network, options.grouping),
                options.variance * Eigen::MatrixXd::Identity(std::ssize(w_), std::ssize(w_))} {}

  void learn(const Batch<double>& batch) {
    const SequenceLayout& layout = batch.x.layout();
    for (std::size_t b = 0; b < layout.batch(); ++b) {
      states_.resize(layout.batch());
      if (batch.carry.empty() || batch.carry[b] == 0) states_[b].reset();
    }
    begins_.assign(layout.batch(), 0);
    const bool by_step = options_.update == KalmanUpdate::step;
    for (std::size_t t = 0; t < layout.time(); ++t) {
      for (std::size_t b = 0; b < layout.batch(); ++b) {
        if (t >= layout.length(b)) continue;
        while (options_.truncate > 0 && t + 1 - begins_[b] > options_.truncate) pass_on(batch, b);
        look(batch, b, t);
      }
      if (by_step) update();
    }
    if (!by_step) update();
    for (std::size_t b = 0; network_.causal() && b < layout.batch(); ++b)
      while (begins_[b] < layout.length(b)) pass_on(batch, b);
  }
  const std::vector<double>& weights() const { return w_; }

 private:
  /// What is compared with targets of step t, and in `state`, if not null, the state after the window.
  std::vector<double> see(const std::vector<double>& w, const Batch<double>& batch, std::size_t b,
                          std::size_t t, std::vector<double>* state = nullptr) {
    network_.set_weights(w);
    const std::size_t end = network_.causal() ? t + 1 : batch.x.layout().length(b);
    Sequences<double> x({end - begins_[b]}, batch.x.features()), y;
    for (std::size_t s = begins_[b]; s < end; ++s)
      std::ranges::copy(batch.x.at(b, s), x.at(0, s - begins_[b]).begin());
    Tensor<double> passing = network_.start(1);
    if (states_[b]) std::ranges::copy(*states_[b], passing.data());
    const auto trace = network_.make_trace();
    network_.forward({.pool = &pool_}, x, passing.matrix(), y, *trace);
    if (state != nullptr) state->assign(passing.span().begin(), passing.span().end());
    std::vector<double> p(y.at(0, t - begins_[b]).begin(), y.at(0, t - begins_[b]).end());
    if (options_.measured == KalmanMeasured::sigmoid)
      for (double& value : p) value = 1 / (1 + std::exp(-value));
    if (options_.measured == KalmanMeasured::softmax) {
      double sum = 0;
      for (double& value : p) sum += value = std::exp(value);
      for (double& value : p) value /= sum;
    }
    return p;
  }
  void pass_on(const Batch<double>& batch, std::size_t b) {
    std::vector<double> state;
    see(w_, batch, b, begins_[b], &state);
    states_[b] = state;
    ++begins_[b];
  }
  void look(const Batch<double>& batch, std::size_t b, std::size_t t) {
    const std::vector<double> p = see(w_, batch, b, t);
    for (std::size_t j = 0; j < p.size(); ++j) {
      const auto target = batch.targets.at(b, t);
      double aim = target.size() == p.size() ? target[j] : target[0];
      if (std::isnan(aim)) continue;
      if (target.size() != p.size()) aim = aim == static_cast<double>(j) ? 1 : 0;
      errors_.push_back(aim - p[j]);
      std::vector<double>& row = rows_.emplace_back(w_.size());
      for (std::size_t k = 0; k < w_.size(); ++k) {
        std::vector<double> more = w_, less = w_;
        more[k] += 1e-5, less[k] -= 1e-5;
        row[k] = (see(more, batch, b, t)[j] - see(less, batch, b, t)[j]) / 2e-5;
      }
    }
  }
  void update() {
    if (errors_.empty()) return;
    Eigen::MatrixXd H(std::ssize(rows_), std::ssize(w_));
    Eigen::VectorXd error(std::ssize(rows_));
    for (Eigen::Index j = 0; j < H.rows(); ++j) {
      error[j] = errors_[j];
      for (Eigen::Index k = 0; k < H.cols(); ++k) H(j, k) = rows_[j][k];
    }
    const Eigen::VectorXd change =
        filter_.update(H, error, {options_.measurement_noise, options_.process_noise});
    for (std::size_t k = 0; k < w_.size(); ++k) w_[k] += change[k];
    rows_.clear(), errors_.clear();
  }

  ThreadPool pool_{1};
  KalmanOptions options_;
  Network<double> network_;
  std::vector<double> w_;
  WholeFilter filter_;
  std::vector<std::optional<std::vector<double>>> states_;
  std::vector<std::size_t> begins_;
  std::vector<std::vector<double>> rows_;
  std::vector<double> errors_;
};

struct Case {
  std::string spec;
  std::size_t targets, classes;
  KalmanOptions options;
  bool carries = true;
};

std::vector<Case> cases() {
  const auto options = [](WeightGrouping grouping, KalmanUpdate update, KalmanMeasured measured,
                          std::size_t truncate) {
    KalmanOptions o;
    o.grouping = grouping, o.update = update, o.measured = measured, o.truncate = truncate;
    o.variance = 5;
    o.measurement_noise = o.final_measurement_noise = 2;
    o.process_noise = o.final_process_noise = 0.01;
    return o;
  };
  using enum KalmanMeasured;
  using enum KalmanUpdate;
  return {
      {"peephole 2 learned_start=on, dense 2 sigmoid", 2, 0, options(WeightGrouping::unit, step, outputs, 3)},
      {"lstm 2 learned_start=on, dense 3", 1, 3, options(WeightGrouping::layer, step, softmax, 0)},
      {"rnn 2, softmax 3", 1, 3, options(WeightGrouping::unit, step, outputs, 2)},
      {"gru 2 learned_start=on, dense 2", 2, 0, options(WeightGrouping::all, sequence, sigmoid, 0)},
      {"lstm 2, dense 2", 2, 0, options(WeightGrouping::unit, sequence, outputs, 2)},
      {"bidirectional(rnn 2), dense 2", 2, 0, options(WeightGrouping::unit, sequence, outputs, 0), false}};
}

GivenBatches<double> data_for(const Case& c) {
  std::vector<Batch<double>> batches = {some_batch(1, {4, 0, 5, 1}, 2, c.targets, c.classes),
                                        some_batch(2, {3, 6}, 2, c.targets, c.classes)};
  if (c.carries) batches[1].carry = {1, 0};
  return GivenBatches<double>(batches);
}

TEST(Kalman, LearnsAsByTheFormula) {
  for (const Case& c : cases()) {
    const GivenBatches<double> source = data_for(c);
    Network<double> network(c.spec, 2, 3);
    SlowKalman slow(network, c.options);
    ThreadPool pool(1);
    Kalman<double> kalman({network, source, nullptr, pool}, c.options);
    for (std::size_t index = 0; index < 2; ++index) {
      kalman.step({.step = index, .update = index});
      slow.learn(source.get(0, index));
      for (std::size_t k = 0; k < slow.weights().size(); ++k)
        ASSERT_NEAR(network.weights()[k], slow.weights()[k], 1e-7) << c.spec << ", weight " << k;
    }
  }
}

std::string path_of_checkpoint() { return ::testing::TempDir() + "/kalman_" + std::to_string(::getpid()); }

struct Outcome {
  std::vector<float> weights;
  TrainingResult result;
};
Outcome run(std::size_t threads, std::size_t stop_after, bool resume) {
  Network<float> network("peephole 3, dense 1", 2, 4);
  const DecayingSums<float> training(3, 4, true), validation(0, 2);
  ThreadPool pool(threads);
  KalmanOptions options;
  options.truncate = 4;
  Kalman<float> kalman({network, training, &validation, pool}, options);
  RecordingSink sink(stop_after);
  LearningRun<float> leader(kalman, {.epochs = 3, .checkpoint_path = path_of_checkpoint()}, {.sink = &sink});
  if (resume) leader.resume(load_checkpoint<float>(path_of_checkpoint()));
  Outcome out{{}, leader.run()};
  out.weights.assign(kalman.weights().begin(), kalman.weights().end());
  return out;
}

TEST(Kalman, AResumedRunIsTheOneNeverStoppedOnAnyNumberOfThreads) {
  const Outcome whole = run(1, 0, false);
  const auto same = [&](const Outcome& other) {
    ASSERT_EQ(other.result.history.size(), 3u);
    EXPECT_EQ(std::memcmp(other.weights.data(), whole.weights.data(), whole.weights.size() * sizeof(float)),
              0);
    for (std::size_t e = 0; e < 3; ++e)
      EXPECT_EQ(other.result.history[e].validation_loss, whole.result.history[e].validation_loss);
  };
  same(run(3, 0, false));
  for (std::size_t steps = 1; steps < 12; ++steps) {
    run(1, steps, false);
    same(run(2, 0, true));
  }
}

TEST(Kalman, LearnsADecayingSumInFewSequences) {
  Network<double> network("lstm 4, dense 1", 2, 1);
  const DecayingSums<double> training(3, 6), validation(0, 6);
  ThreadPool pool(2);
  Kalman<double> kalman({network, training, &validation, pool}, {});
  const double before = kalman.validate();
  const TrainingResult result = LearningRun<double>(kalman, {.epochs = 10}).run();
  EXPECT_GT(before, 0.3);
  EXPECT_LT(result.best_validation_loss, 0.01);
}

TEST(Kalman, SaysWhatCannotBe) {
  ThreadPool pool(1);
  const GivenBatches<double> source({some_batch(1, {3}, 2, 2)});
  const auto refusal = [&](auto change, const std::string& what,
                           const std::string& spec = "lstm 2, dense 2") {
    Network<double> network(spec, 2);
    KalmanOptions options;
    change(options);
    EXPECT_THAT(
        [&] {
          Kalman<double>({network, source, nullptr, pool}, options);
        },
        ThrowsMessage<SettingError>(HasSubstr(what)));
  };
  refusal([](auto& o) { o.variance = 0; }, "variance: found 0, expected a number above 0");
  refusal([](auto& o) { o.measurement_noise = -1; }, "measurement_noise: found -1");
  refusal([](auto& o) { o.final_measurement_noise = kNone; }, "final_measurement_noise: found nan");
  refusal([](auto& o) { o.process_noise = 0; }, "final_process_noise: found 1e-06 after process_noise 0");
  refusal([](auto& o) { o.annealing = 1.5; }, "annealing: found 1.5");
  refusal([](auto&) {}, "update: found step, but layers.0 (bidirectional)", "bidirectional(lstm 2)");
  refusal([](auto& o) { o.update = KalmanUpdate::sequence, o.truncate = 3; },
          "truncate: found 3, but layers.0 (reversed)", "reversed(lstm 2)");
  refusal([](auto&) {}, "weight_noise", "lstm 2 weight_noise=0.1");

  const auto wrong = [&](const Batch<double>& batch, const std::string& what) {
    Network<double> network("lstm 2, dense 2", 2);
    const GivenBatches<double> given({batch});
    Kalman<double> kalman({network, given, nullptr, pool}, {});
    EXPECT_THAT([&] { kalman.step({}); }, ThrowsMessage<Error>(HasSubstr(what)));
  };
  wrong(some_batch(1, {3}, 3, 2), "expected 2 inputs and targets of 2 values or one class, got 3 and 2");
  wrong(some_batch(1, {3}, 2, 4), "got 2 and 4");
  Batch<double> batch = some_batch(1, {3}, 2, 1);
  batch.targets.fill(2);
  wrong(batch, "expected classes 0 to 1, got 2");
  batch = some_batch(1, {3}, 2, 2);
  batch.targets = Sequences<double>({2}, 2);
  wrong(batch, "expected targets of 3 steps, got 2");
  batch = some_batch(1, {3}, 2, 2);
  batch.carry = {1};
  wrong(batch, "sequence 0 goes on from a batch of 0");
}

}  // namespace
}  // namespace carousel
