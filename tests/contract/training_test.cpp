// A whole training run gives the same weights to the last bit on any instruction set and any number of
// threads.
#include <carousel/training.h>
#include <gtest/gtest.h>

#include <ostream>

#include "base/random.h"
#include "kernels/target.h"
#include "support/same_bits.h"

namespace carousel::testing {
namespace {

/// 40 sequences of 3 features and different lengths, targets at each step.
std::vector<Example> examples(std::size_t targets) {
  const Random random(31, 0);
  std::vector<Example> result(40);
  std::uint64_t next = 0;
  for (std::size_t n = 0; n < result.size(); ++n)
    for (std::size_t t = 0; t < 1 + (n * 5) % 23; ++t) {
      for (int f = 0; f < 3; ++f) result[n].x.push_back(static_cast<float>(random.uniform(next++, -1, 1)));
      for (std::size_t k = 0; k < targets; ++k) result[n].target.push_back(result[n].x.back() * 0.5f);
    }
  return result;
}

struct Run {
  std::string spec, loss, optimizer;
  std::size_t targets;
  std::size_t symbols = 0;  ///< where there are any, the input is one of them, and the target the one before
};

/// 40 sequences of symbols.
std::vector<Example> texts(std::size_t symbols) {
  const Random random(31, 1);
  std::vector<Example> result(40);
  std::uint64_t next = 0;
  for (std::size_t n = 0; n < result.size(); ++n)
    for (std::size_t t = 0; t < 1 + (n * 5) % 23; ++t) {
      result[n].target.push_back(t == 0 ? 0.0f : result[n].x.back());
      result[n].x.push_back(static_cast<float>(random.below(next++, symbols)));
    }
  return result;
}

std::ostream& operator<<(std::ostream& out, const Run& run) {
  return out << run.spec << ", " << run.loss << ", " << run.optimizer;
}

std::vector<float> trained(const Run& run, std::size_t threads) {
  Model model = Model::create(run.spec, run.symbols > 0 ? 1 : 3, 11);
  TrainingSettings settings;
  settings.loss = run.loss;
  settings.components = 3;  // of a mixture
  settings.optimizer = run.optimizer;
  settings.learning_rate = 0.01;
  settings.epochs = 10;  // of 5 batches: 50 updates
  settings.batch = 8;
  settings.threads = threads;
  train(model, run.symbols > 0 ? texts(run.symbols) : examples(run.targets), {}, settings);
  return {model.weights().begin(), model.weights().end()};
}

class TrainingContract : public ::testing::TestWithParam<Run> {};

TEST_P(TrainingContract, InstructionSetsDoNotShow) {
  kernels::use_best_target();
  const std::vector<float> best = trained(GetParam(), 1);
  for (const std::string& target : kernels::available_targets()) {
    kernels::use_target(target);
    EXPECT_TRUE(same_bits(best, trained(GetParam(), 1))) << target;
  }
  kernels::use_best_target();
}

TEST_P(TrainingContract, ThreadsDoNotShow) {
  const std::vector<float> one = trained(GetParam(), 1);
  for (const std::size_t threads : {2, 3, 8})
    EXPECT_TRUE(same_bits(one, trained(GetParam(), threads))) << threads << " threads";
}

INSTANTIATE_TEST_SUITE_P(
    Runs, TrainingContract,
    ::testing::Values(
        Run{"lstm 40, dropout 0.2, lstm 40, dense 2", "mse", "adam", 2},
        Run{"bidirectional(lstm 40), dense 3", "quantile", "rmsprop", 1},
        Run{"residual(lstm 3), lstm 48, dense 2", "gaussian", "sgd", 1},
        Run{"parallel(conv1d 40 kernel=3 activation=tanh, lstm 40), layer_norm, "
            "mixture 3 outputs=2",
            "mixture", "adam", 2},
        Run{"lstm 40 variational_dropout=0.2 zoneout_hidden=0.1 zoneout_cell=0.1 drop_connect=0.2 "
            "weight_noise=0.01 learned_start=on, dense 2",
            "huber", "adam", 2},
        Run{"layer_norm, peephole 40 layer_norm=on projection=20, dense 2", "mae", "adam", 2},
        Run{"embedding 65 40, lstm 40, dense 65", "cross_entropy", "adam", 1, 65}),
    [](const auto& run) { return run.param.loss; });

}  // namespace
}  // namespace carousel::testing
