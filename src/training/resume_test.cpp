// Runs that end badly, and runs that go on as if they never had.
#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "support/same_bits.h"
#include "training/training_samples.h"

namespace carousel {
namespace {

using carousel::testing::same_bits;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

struct Case {
  std::string name;
  std::string spec;
  OptimizerOptions optimizer;
  ScheduleOptions schedule;
  std::size_t tbptt = 0;
  bool carries = false;
  double average = 0;
};

const OptimizerOptions kMomentum = {.name = "sgd", .momentum = 0.9};
const OptimizerOptions kAdam = {.name = "adam"};
const OptimizerOptions kRmsProp = {.name = "rmsprop"};
const OptimizerOptions kAdamW = {.name = "adamw", .weight_decay = 0.1};
const ScheduleOptions kConstant = {.name = "constant"};
const ScheduleOptions kPlateau = {.name = "plateau", .factor = 0.5, .plateau_epochs = 1};
const ScheduleOptions kCosine = {.name = "cosine", .warm_up_updates = 30};
const Case kCases[] = {
    {"momentum", "lstm 6, dense 1", kMomentum, kConstant},
    {"adam, dropout, plateau", "lstm 6, dropout 0.3, lstm 4, dense 1", kAdam, kPlateau},
    {"every regularisation, chunks, carried states",
     "lstm 6 variational_dropout=0.2 zoneout_hidden=0.1 zoneout_cell=0.1 drop_connect=0.2 weight_noise=0.05 "
     "learned_start=on, dense 1",
     kAdam, kConstant, 3, true},
    {"rmsprop, cosine, warm-up", "bidirectional(lstm 3), dense 1", kRmsProp, kCosine},
    {"adamw, chunks, carried states", "lstm 6, dropout 0.1, dense 1", kAdamW, kPlateau, 3, true},
    {"adafactor", "lstm 6, dense 1", {.name = "adafactor"}, kConstant},
    {"the mean of the weights", "lstm 6, dense 1", kAdam, kConstant, 0, false, 0.9},
};

class Resume : public ::testing::Test {
 protected:
  Resume() : folder_(::testing::TempDir() + "carousel_resume_" + std::to_string(::getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~Resume() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  /// Trains 5 epochs of 10 batches, from a checkpoint if one is named; a file `to` has the state at the end.
  std::vector<float> train(const Case& how, const std::string& from, const std::string& to,
                           ProgressSink& sink, double checkpoint_seconds = 1e9) {
    Network<float> network(how.spec, 2, 5);
    const DecayingSums<float> training(8, 10, how.carries), validation(9, 3, how.carries);
    const auto loss = make_loss<float>("mse");
    ThreadPool pool(1);
    TrainingOptions options;
    options.epochs = 5;
    options.optimizer = how.optimizer;
    options.schedule = how.schedule;
    options.schedule.learning_rate = 0.05;
    options.clip_norm = 1;
    options.average = how.average;
    options.tbptt = how.tbptt;
    options.seed = 77;
    options.checkpoint_path = to;
    options.checkpoint_seconds = checkpoint_seconds;
    Trainer<float> trainer({.model = network,
                            .loss = *loss,
                            .training = training,
                            .validation = &validation,
                            .pool = pool,
                            .sink = &sink},
                           options);
    if (!from.empty()) trainer.resume(load_checkpoint<float>(from));
    result = trainer.run();
    return {network.weights().begin(), network.weights().end()};
  }

  TrainingResult result;

 private:
  std::string folder_;
};

/// Ends its process without a word.
class KillingSink : public ProgressSink {
 public:
  explicit KillingSink(std::size_t after) : left_(after) {}
  bool should_stop() override {
    if (--left_ == 0) std::raise(SIGKILL);
    return false;
  }

 private:
  std::size_t left_;
};

void expect_same_end(const std::string& a, const std::string& b, const std::string& what) {
  const Checkpoint<float> first = load_checkpoint<float>(a), second = load_checkpoint<float>(b);
  ASSERT_EQ(first.vectors.size(), second.vectors.size()) << what;
  for (const auto& [name, values] : first.vectors)
    EXPECT_TRUE(same_bits(values, second.vector(name, values.size()))) << what << ": " << name;
  EXPECT_EQ(first.update, second.update) << what;
  ASSERT_EQ(first.history.size(), second.history.size()) << what;
  for (std::size_t i = 0; i < first.history.size(); ++i) {
    EXPECT_EQ(first.history[i].loss, second.history[i].loss) << what;
    EXPECT_EQ(first.history[i].validation_loss, second.history[i].validation_loss) << what;
    EXPECT_EQ(first.history[i].gradient_norm, second.history[i].gradient_norm) << what;
    EXPECT_EQ(first.history[i].learning_rate, second.history[i].learning_rate) << what;
  }
}

TEST_F(Resume, AStoppedRunEndsAsIfNeverStopped) {
  for (const Case& how : kCases) {
    RecordingSink undisturbed;
    const std::vector<float> whole = train(how, "", path("whole"), undisturbed);
    EXPECT_EQ(result.history.size(), 5u);
    for (const std::size_t stop : {1, 20, 23, 50}) {
      const std::string what = how.name + ", stopped at batch " + std::to_string(stop);
      RecordingSink stopping(stop), going_on;
      train(how, "", path("stopped"), stopping);
      ASSERT_EQ(result.stopped, StopReason::interrupted) << what;
      const std::vector<float> weights = train(how, path("stopped"), path("end"), going_on);
      EXPECT_EQ(result.stopped, StopReason::finished) << what;
      EXPECT_TRUE(same_bits(weights, whole)) << what;
      EXPECT_EQ(stopping.batches.size() + going_on.batches.size(), 50u) << what;
      expect_same_end(path("end"), path("whole"), what);
      if (stop < 50) {
        EXPECT_GT(going_on.batches[0].fraction, stopping.batches.back().fraction) << what;
        EXPECT_GE(going_on.batches[0].seconds, stopping.batches.back().seconds) << what;
      }
    }
  }
}

TEST_F(Resume, AKilledRunEndsAsIfNeverKilled) {
  const Case how = kCases[1];
  RecordingSink undisturbed;
  const std::vector<float> whole = train(how, "", path("whole"), undisturbed);
  for (const std::size_t after : {2, 11, 20, 38}) {
    std::filesystem::remove(path("killed"));
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      KillingSink sink(after);
      train(how, "", path("killed"), sink, 0);
      ::_exit(1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the run ended before it was killed";
    RecordingSink going_on;
    EXPECT_TRUE(same_bits(train(how, path("killed"), path("killed"), going_on, 0), whole)) << after;
    expect_same_end(path("killed"), path("whole"), "killed");
  }
}

TEST_F(Resume, AFinishedRunHasNothingToDo) {
  const Case how = kCases[0];
  RecordingSink first, second;
  const std::vector<float> whole = train(how, "", path("done"), first);
  EXPECT_TRUE(same_bits(train(how, path("done"), path("again"), second), whole));
  EXPECT_TRUE(second.batches.empty());
  EXPECT_EQ(result.history.size(), 5u);
  EXPECT_GT(result.best_epoch, 0u);
}

TEST_F(Resume, CheckpointsComeSoOftenAndAtTheEnd) {
  const Case how = kCases[0];
  RecordingSink seldom, always;
  train(how, "", path("a"), seldom);
  EXPECT_EQ(seldom.checkpoints, std::vector<std::string>(2, path("a")));
  train(how, "", path("b"), always, 0);
  EXPECT_EQ(always.checkpoints.size(), 51u);
}

TEST_F(Resume, AForeignCheckpointIsRefused) {
  const Case how = kCases[0];
  RecordingSink sink(3);
  train(how, "", path("a"), sink);
  const auto resumed = [&](auto change) {
    return [this, change, how] {
      Case other = how;
      Checkpoint<float> checkpoint = load_checkpoint<float>(path("a"));
      change(other, checkpoint);
      save_checkpoint(checkpoint, path("b"));
      RecordingSink unused;
      train(other, path("b"), "", unused);
    };
  };
  using C = Checkpoint<float>;
  const auto refused = [](const char* word) { return ThrowsMessage<ModelError>(HasSubstr(word)); };
  EXPECT_THAT(resumed([](Case& h, C&) { h.spec = "lstm 7, dense 1"; }), refused("another network"));
  EXPECT_THAT(resumed([](Case& h, C&) { h.optimizer = kAdam; }), refused("'bptt sgd'"));
  EXPECT_THAT(resumed([](Case&, C& c) { c.seed = 3; }), refused("seed 3"));
  EXPECT_THAT(resumed([](Case&, C& c) { c.numbers.erase("best_loss"); }), refused("best_loss"));
  EXPECT_THAT(resumed([](Case&, C& c) { c.numbers["best_epoch"] = 2; }), refused("contradicts"));
  EXPECT_THAT(resumed([](Case&, C& c) { c.epoch = 1; }), refused("contradicts"));
  EXPECT_THAT(resumed([](Case&, C& c) { c.numbers["waited"] = -1; }), refused("waited"));
  EXPECT_THAT(resumed([](Case&, C& c) { c.vectors["state"].pop_back(); }), refused("states"));
  EXPECT_THAT(resumed([](Case&, C& c) { c.vectors.erase("optimizer.velocity"); }), refused("velocity"));
}

TEST_F(Resume, ACheckpointThatCannotBeWrittenIsAnError) {
  RecordingSink sink;
  EXPECT_THROW(train(kCases[0], "", path("missing/checkpoint"), sink), FileError);
}

// ---- NaN and Inf ----

/// Wraps a source and spoils one input of one batch.
class Spoilt final : public BatchSource<float> {
 public:
  Spoilt(std::size_t epoch, std::size_t index) : epoch_(epoch), index_(index) {}
  std::size_t batches(std::size_t epoch) const override { return inner_.batches(epoch); }
  Batch<float> get(std::size_t epoch, std::size_t index) const override {
    Batch<float> batch = inner_.get(epoch, index);
    if (epoch == epoch_ && index == index_) batch.x.fill(std::numeric_limits<float>::quiet_NaN());
    return batch;
  }

 private:
  DecayingSums<float> inner_{3, 4};
  std::size_t epoch_, index_;
};

/// A loss with a value but without a derivative.
class BrokenLoss final : public Loss<float> {
 public:
  std::string name() const override { return "broken"; }
  LossValue evaluate(View<const float> prediction, View<const float> target,
                     View<float> gradient) const override {
    for (std::size_t r = 0; r < gradient.rows(); ++r) gradient(r, 0) = std::numeric_limits<float>::infinity();
    return make_loss<float>("mse")->evaluate(prediction, target, {});
  }
};

struct NonFinite : Resume {
  Network<float> network{"lstm 4, dense 3 tanh, dense 1", 2, 5};
  ThreadPool pool{1};
  TrainingOptions options;

  void run(const BatchSource<float>& source, const Loss<float>& loss) {
    Trainer<float>({.model = network, .loss = loss, .training = source, .pool = pool}, options).run();
  }
};

TEST_F(NonFinite, ABrokenInputNamesItsBatchAndTheLastGoodState) {
  options.checkpoint_path = path("good");
  EXPECT_THAT([&] { run(Spoilt(1, 2), *make_loss<float>("mse")); },
              ThrowsMessage<TrainingError>(AllOf(HasSubstr("epoch 2, batch 3"), HasSubstr("the input"),
                                                 HasSubstr("checkpoint " + path("good")))));
  // The network and the checkpoint hold the end of the first epoch.
  const Checkpoint<float> good = load_checkpoint<float>(path("good"));
  EXPECT_EQ(good.epoch, 1u);
  EXPECT_TRUE(same_bits(good.vector("weights", network.weights().size()), network.weights()));
}

TEST_F(NonFinite, ABrokenLayerIsNamed) {
  network.update_weights([&](std::span<float> weights) {
    for (const Parameter& parameter : network.parameters().all())
      if (parameter.name.starts_with("layers.1."))
        weights[parameter.offset] = std::numeric_limits<float>::quiet_NaN();
  });
  EXPECT_THAT([&] { run(DecayingSums<float>(3, 4), *make_loss<float>("mse")); },
              ThrowsMessage<TrainingError>(AllOf(HasSubstr("epoch 1, batch "), HasSubstr("layers.1"))));
}

TEST_F(NonFinite, ABrokenGradientNamesItsParameter) {
  EXPECT_THAT(
      [&] { run(DecayingSums<float>(3, 4), BrokenLoss()); },
      ThrowsMessage<TrainingError>(AllOf(HasSubstr("epoch 1, batch 1"), HasSubstr("gradient of layers."))));
}

TEST_F(NonFinite, ARateFarTooHighIsAnErrorAndLeavesFiniteWeights) {
  options.optimizer.name = "sgd";
  options.schedule.learning_rate = 1e38;
  EXPECT_THROW(run(DecayingSums<float>(3, 4), *make_loss<float>("mse")), TrainingError);
  for (const float w : network.weights()) EXPECT_TRUE(std::isfinite(w));
}

TEST_F(NonFinite, ABrokenValidationPartIsNamed) {
  const Spoilt validation(0, 1);
  const DecayingSums<float> training(3, 4);
  const auto loss = make_loss<float>("mae");
  EXPECT_THAT(
      [&] {
        Trainer<float>(
            {.model = network, .loss = *loss, .training = training, .validation = &validation, .pool = pool},
            options)
            .run();
      },
      ThrowsMessage<TrainingError>(AllOf(HasSubstr("epoch 1"), HasSubstr("validation batch 2"))));
}

}  // namespace
}  // namespace carousel
