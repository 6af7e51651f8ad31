// Learning online, led by a run: what its steps are, what a checkpoint keeps, and that it learns.
#include "training/online/online_learner.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <limits>

#include "training/learning_run.h"
#include "training/online/local_online_rule.h"
#include "training/online/truncated_rule.h"
#include "training/training_samples.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const char* const kLstm = "lstm 4 cells_per_block=2, dense 1";
// The same outputs of an LSTM as units of a wiring.
const char* const kWiring = R"(lstm_g(
    units i 3 sigmoid, units c 3 identity, units h 3 tanh, units y 1 identity,
    connect x i, connect one i, connect h i, connect x c gater=i, connect h c gater=i,
    connect c c self weight=1, connect c h each weight=1, connect h y, connect one y, outputs y))";

/// Sequences of one batch each, every second one the rest of the one before.
class Halves final : public BatchSource<double> {
 public:
  explicit Halves(std::size_t together = 1) : together_(together) {}
  std::size_t batches(std::size_t) const override { return 6; }
  Batch<double> get(std::size_t epoch, std::size_t index) const override {
    const std::vector<std::size_t> lengths(together_, 7);
    Batch<double> half{Sequences<double>(lengths, 2), Sequences<double>(lengths, 1), {}};
    const Random random(7, 100 * epoch + index / 2);
    for (std::size_t b = 0; b < together_; ++b)
      for (std::size_t t = 0; t < 7; ++t) {
        const std::size_t at = 7 * (index % 2) + t;
        half.x.at(b, t)[0] = random.uniform(2 * at, -1, 1),
                     half.x.at(b, t)[1] = random.uniform(2 * at + 1, -1, 1);
        half.targets.at(b, t)[0] = at % 3 == 0 ? std::nan("") : half.x.at(b, t)[0] / 2;
      }
    if (index % 2 == 1) half.carry.assign(together_, 1);
    return half;
  }

 private:
  std::size_t together_;
};

/// Stops a run after so many steps.
struct StopAfter final : ProgressSink {
  explicit StopAfter(std::size_t steps) : left(steps) {}
  bool should_stop() override { return --left == 0; }
  std::size_t left;
};

struct Outcome {
  TrainingResult result;
  std::vector<double> weights;
};

template <class Source>
Outcome run(const std::string& spec, const OnlineOptions& options, const Source& data,
            LearningRunOptions leading, const Checkpoint<double>* from = nullptr,
            ProgressSink* sink = nullptr) {
  Network<double> network(spec, 2, 1);
  ThreadPool pool(1);
  const LossPointer<double> loss = make_loss<double>("mse");
  OnlineLearner<double> learner({.network = network, .loss = *loss, .training = data, .pool = pool}, options);
  LearningRun<double> leader(learner, std::move(leading), {.sink = sink});
  if (from != nullptr) leader.resume(*from);
  Outcome out{leader.run(), {}};
  out.weights.assign(network.weights().begin(), network.weights().end());
  return out;
}

// By calls of the rule, as its header gives them.
TEST(OnlineLearner, AStepIsTheRuleOverTheSequencesOfABatch) {
  const DecayingSums<double> data(5, 3);
  const LossPointer<double> loss = make_loss<double>("mse");
  ThreadPool pool(1);
  for (const OnlineUpdate update : {OnlineUpdate::step, OnlineUpdate::sequence}) {
    Network<double> network(kLstm, 2, 1);
    TruncatedRule<double> rule(network);
    OnlineLearner<double> learner({.network = network, .loss = *loss, .training = data, .pool = pool},
                                  {.update = update, .schedule = {.learning_rate = 0.05}});
    std::vector<double> expected(network.weights().size());
    for (std::size_t index = 0; index < 3; ++index) {
      const Batch<double> batch = data.get(0, index);
      double sum = 0;
      for (std::size_t b = 0; b < batch.x.layout().batch(); ++b) {
        rule.restart();
        for (std::size_t t = 0; t < batch.x.layout().length(b); ++t) {
          const double target = batch.targets.at(b, t)[0], error = rule.step(batch.x.at(b, t))[0] - target;
          if (std::isnan(target)) continue;
          sum += error * error;
          const double dy = 2 * error;
          if (update == OnlineUpdate::step)
            rule.learn({&dy, 1}, 0.05);
          else
            rule.collect({&dy, 1});
        }
        if (update == OnlineUpdate::sequence) rule.learn_collected(0.05);
      }
      const LearningStep came = learner.step({.step = index, .update = index});
      EXPECT_NEAR(came.loss, sum, 1e-12);
      EXPECT_EQ(came.sequences, 5u);
      EXPECT_EQ(came.learning_rate, 0.05);
      rule.get_weights(expected);
      for (std::size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR(network.weights()[k], expected[k], 1e-14);
    }
  }
}

TEST(OnlineLearner, ASequenceGoesOnFromTheBatchBefore) {
  class Wholes final : public BatchSource<double> {
   public:
    std::size_t batches(std::size_t) const override { return 3; }
    Batch<double> get(std::size_t epoch, std::size_t index) const override {
      const Halves halves;
      const Batch<double> parts[] = {halves.get(epoch, 2 * index), halves.get(epoch, 2 * index + 1)};
      const std::vector<std::size_t> lengths = {14};
      Batch<double> whole{Sequences<double>(lengths, 2), Sequences<double>(lengths, 1), {}};
      for (std::size_t t = 0; t < 14; ++t) {
        std::ranges::copy(parts[t / 7].x.at(0, t % 7), whole.x.at(0, t).begin());
        std::ranges::copy(parts[t / 7].targets.at(0, t % 7), whole.targets.at(0, t).begin());
      }
      return whole;
    }
  };
  for (const std::string rule : {"online_1997", "lstm_g"}) {
    const OnlineOptions options{.rule = rule, .schedule = {.learning_rate = 0.1}};
    const std::string spec = rule == "lstm_g" ? kWiring : kLstm;
    EXPECT_EQ(run(spec, options, Halves(), {.epochs = 3}).weights,
              run(spec, options, Wholes(), {.epochs = 3}).weights);
  }
}

TEST(OnlineLearner, AResumedRunIsTheOneNeverStopped) {
  const std::string path = ::testing::TempDir() + "/online_" + std::to_string(::getpid());
  for (const std::string rule : {"online_1997", "lstm_g"}) {
    const OnlineOptions options{
        .rule = rule,
        .schedule = {.name = "plateau", .learning_rate = 0.2, .factor = 0.5, .plateau_epochs = 1}};
    const std::string spec = rule == "lstm_g" ? kWiring : kLstm;
    const Outcome whole = run(spec, options, Halves(), {.epochs = 4});
    for (std::size_t steps = 1; steps < 16; ++steps) {
      StopAfter stop(steps);
      run(spec, options, Halves(), {.epochs = 4, .checkpoint_path = path}, nullptr, &stop);
      const auto from = load_checkpoint<double>(path);
      const Outcome resumed = run(spec, options, Halves(), {.epochs = 4}, &from);
      EXPECT_EQ(resumed.weights, whole.weights) << rule << ", after " << steps;
      EXPECT_EQ(resumed.result.history.back().loss, whole.result.history.back().loss);
      EXPECT_EQ(resumed.result.history.back().learning_rate, whole.result.history.back().learning_rate);
    }
  }
}

TEST(OnlineLearner, LearnsAcrossALag) {
  const DecayingSums<double> data(11, 20), other(12, 10);
  ThreadPool pool(1);
  const LossPointer<double> loss = make_loss<double>("mse");
  for (const std::string rule : {"online_1997", "lstm_g"}) {
    Network<double> network(rule == "lstm_g" ? kWiring : kLstm, 2, 4);
    OnlineLearner<double> learner(
        {.network = network, .loss = *loss, .training = data, .validation = &other, .pool = pool},
        {.rule = rule, .schedule = {.learning_rate = 0.02}});
    LearningRun<double> leader(learner, {.epochs = 60});
    const TrainingResult result = leader.run();
    EXPECT_LT(result.best_validation_loss, 0.1 * result.history.front().loss) << rule;
  }
}

TEST(OnlineLearner, RefusesWhatItCannotDo) {
  const auto refusal = [](const std::string& spec, const OnlineOptions& options, const auto& data,
                          const std::string& what) {
    EXPECT_THAT([&] { run(spec, options, data, {.epochs = 1}); },
                ThrowsMessage<SettingError>(HasSubstr(what)));
  };
  const DecayingSums<double> data(5, 3);
  refusal(kLstm, {.rule = "online"}, data, "rule: found \"online\", expected online_1997 or lstm_g");
  refusal(kLstm, {.rule = "lstm_g"}, data, "expected one layer lstm_g");
  refusal("lstm_g 3 learned_start=on", {.rule = "lstm_g"}, data, "without learned_start");
  refusal(kWiring, {}, data, "expected an LSTM and a dense layer");
  refusal(kLstm, {}, Halves(2), "must be alone in its batch, found 2 in it");
  refusal(kLstm, {.schedule = {.learning_rate = -1}}, data, "learning_rate");
  EXPECT_THAT([&] { run(kLstm, {.schedule = {.learning_rate = 1e6}}, data, {.epochs = 9}); },
              ThrowsMessage<TrainingError>(HasSubstr("training stopped in epoch")));
}

}  // namespace
}  // namespace carousel
