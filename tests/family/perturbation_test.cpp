// DropConnect, weight noise and learned initial states: what training sees, and that nothing else does.
#include <carousel/error.h>
#include <gtest/gtest.h>

#include <cmath>

#include "contract/problem.h"
#include "losses/loss.h"
#include "support/gradient_check.h"
#include "training/batch_runner.h"
#include "training/trainer.h"
#include "training/training_samples.h"

namespace carousel::testing {
namespace {

double sum_of_outputs(const Network<double>& network, const Problem<double>& problem) {
  ThreadPool pool(1);
  const auto trace = network.make_trace();
  Sequences<double> y;
  Tensor<double> state = problem.state;
  network.forward({.pool = &pool, .training = true}, problem.x, state.matrix(), y, *trace);
  double sum = 0;
  for (std::size_t i = 0; i < y.values().size(); ++i) sum += y.values()[i] * problem.dy.values()[i];
  return sum;
}

class Perturbation : public ::testing::TestWithParam<std::string> {};

TEST_P(Perturbation, GradientsAreThoseOfTheWeightsBehindIt) {
  Problem<double> problem({"p", GetParam(), 4}, {4, 7});
  Network<double>& network = problem.network;
  ThreadPool pool(2);
  ASSERT_TRUE(network.perturbed());
  network.perturb(pool, 3, 11);
  const auto trace = network.make_trace();
  Sequences<double> y;
  Tensor<double> state = problem.state, dstate(problem.dstate.shape());
  std::vector<double> gradient(network.weights().size());
  const Pass pass{.pool = &pool, .training = true};
  network.forward(pass, problem.x, state.matrix(), y, *trace);
  network.backward(pass, problem.x, y, problem.dy, dstate.matrix(), nullptr, gradient, *trace);
  network.unperturb_gradient(pool, 3, 11, gradient);
  std::vector<double> weights(network.weights().begin(), network.weights().end());
  EXPECT_TRUE(gradient_matches("weights", weights, gradient, [&] {
    network.set_weights(weights);
    network.perturb(pool, 3, 11);
    return sum_of_outputs(network, problem);
  }));
}

INSTANTIATE_TEST_SUITE_P(
    Members, Perturbation,
    ::testing::Values("lstm 5 drop_connect=0.4 weight_noise=0.2, gru 4 drop_connect=0.3, dense 2",
                      "conv_lstm 2 size=2x2 peephole=diagonal drop_connect=0.4 weight_noise=0.2",
                      "md_lstm 2 size=2x2 peephole=diagonal drop_connect=0.4 weight_noise=0.2",
                      "min_lstm 4 weight_noise=0.2, min_gru 3 weight_noise=0.2",
                      "mlstm 4 heads=2 weight_noise=0.2", "lstm_g 3 weight_noise=0.2"),
    [](const auto& member) { return member.param.substr(0, member.param.find(' ')); });

/// All that a layer has but its learned start; of R alone where elements are left out.
TEST(Perturbations, ReachTheParametersTheyAreSaidToReach) {
  const auto reached = [](const std::string& spec, double Parameter::*rate) {
    std::string names;
    const Network<float> network(spec, 4);
    for (const Parameter& p : network.parameters().all())
      if (p.*rate > 0) names += p.name.substr(p.name.rfind('.') + 1) + ' ';
    return names;
  };
  const std::string all = " drop_connect=0.4 weight_noise=0.2 ";
  for (const std::string& spec :
       {"lstm 4" + all + "learned_start=on", "slstm 4" + all,
        "conv_lstm 2 size=2x2" + all + "learned_start=on", "md_lstm 2 size=2x2 directions=one" + all}) {
    EXPECT_EQ(reached(spec, &Parameter::drop), "R ") << spec;
    EXPECT_EQ(reached(spec, &Parameter::noise), "W R b ") << spec;
  }
  for (const char* spec : {"min_lstm 4 weight_noise=0.2 learned_start=on", "min_gru 4 weight_noise=0.2",
                           "mlstm 4 weight_noise=0.2 learned_start=on"})
    EXPECT_EQ(reached(spec, &Parameter::noise), "W b ") << spec;
  EXPECT_EQ(reached("lstm_g 2 learned_start=on", &Parameter::noise), "");
  EXPECT_NE(reached("lstm_g 2 weight_noise=0.1 learned_start=on", &Parameter::noise), "");
  EXPECT_EQ(reached("md_lstm 2 size=2x2" + all, &Parameter::drop), "R R R R ");
}

/// The first layer's R as training sees it, found by what a network of identity does with it.
TEST(Perturbations, LeavesOutTheShareAskedForScalesTheRestAndAddsNoiseOfTheDeviationAskedFor) {
  // One step from h_0 = e_k shows column k of R in the first pre-activations; an rnn-like cell: g alone.
  const std::string cell =
      "lstm 64 input_gate=off forget_gate=off output_gate=off input_activation=identity "
      "output_activation=identity bias=none";
  for (const bool noise : {false, true}) {
    Network<double> network(cell + (noise ? " weight_noise=0.3" : " drop_connect=0.25"), 1, 5);
    network.update_weights([](std::span<double> weights) { std::ranges::fill(weights, 2.0); });
    ThreadPool pool(1);
    network.perturb(pool, 1, 2);
    Sequences<double> x(std::vector<std::size_t>(64, 1), 1), y;
    Tensor<double> state = network.start(64);
    for (std::size_t k = 0; k < 64; ++k) state.matrix()(k, k) = 1;
    const auto trace = network.make_trace();
    network.forward({.pool = &pool, .training = true}, x, state.matrix(), y, *trace);
    double zeros = 0, sum = 0, squares = 0;
    for (double w : y.values()) {
      zeros += w == 0 ? 1 : 0;
      sum += w;
      squares += (w - 2) * (w - 2);
      if (!noise && w != 0) {
        EXPECT_NEAR(w, 2 / 0.75, 1e-12);
      }
    }
    const auto n = static_cast<double>(y.values().size());
    EXPECT_NEAR(sum / n, 2, noise ? 0.03 : 0.08);
    EXPECT_NEAR(noise ? std::sqrt(squares / n) : zeros / n, noise ? 0.3 : 0.25, 0.02);
  }
}

TEST(Perturbations, DependsOnSeedAndUpdateNotOnThreadsAndLeavesTheWeightsAlone) {
  Problem<double> problem({"p", "lstm 50 drop_connect=0.4 weight_noise=0.2", 30}, {4, 7});
  Network<double>& network = problem.network;
  const std::vector<double> before(network.weights().begin(), network.weights().end());
  ThreadPool one(1), three(3);
  const double clean = sum_of_outputs(network, problem);
  const auto with = [&](ThreadPool& pool, std::uint64_t seed, std::uint64_t update) {
    network.perturb(pool, seed, update);
    return sum_of_outputs(network, problem);
  };
  const double a = with(one, 1, 1);
  EXPECT_EQ(a, with(three, 1, 1));
  EXPECT_NE(a, with(one, 1, 2));
  EXPECT_NE(a, with(one, 2, 1));
  EXPECT_NE(a, clean);
  EXPECT_TRUE(same_bits(std::span<const double>(before), network.weights()));
  network.pack(network.packing());
  EXPECT_EQ(sum_of_outputs(network, problem), clean);
}

/// One batch of two sequences, whose targets are constant.
class Constant final : public BatchSource<float> {
 public:
  std::size_t batches(std::size_t) const override { return 1; }
  Batch<float> get(std::size_t, std::size_t) const override {
    Batch<float> batch{Sequences<float>(std::vector<std::size_t>{3, 5}, 1),
                       Sequences<float>(std::vector<std::size_t>{3, 5}, 1),
                       {}};
    batch.x.fill(0.5f);
    batch.targets.fill(0.25f);
    return batch;
  }
};

TEST(Perturbations, AfterTrainingTheNetworkRunsOnItsOwnWeights) {
  const auto loss = make_loss<float>("mse", {});
  const Constant source;
  Network<float> network("lstm 6 drop_connect=0.4 weight_noise=0.1, dense 1", 1, 2);
  ThreadPool pool(1);
  TrainingOptions options;
  options.epochs = 5;
  Trainer<float>({network, *loss, source, nullptr, pool, nullptr}, options).run();
  const double trained = evaluate_loss(network, *loss, source, pool).mean();
  Network<float> fresh("lstm 6 drop_connect=0.4 weight_noise=0.1, dense 1", 1, 9);
  fresh.set_weights(network.weights());
  EXPECT_EQ(evaluate_loss(fresh, *loss, source, pool).mean(), trained);
}

TEST(LearnedStart, ItsGradientIsThatOfTheStatesOfSequencesThatBegin) {
  Network<double> network("lstm 3 learned_start=on, gru 2 learned_start=on, dense 1", 1, 4);
  const auto loss = make_loss<double>("mse", {});
  network.update_weights([](std::span<double> weights) { fill(weights, 6); });
  Batch<double> batch{Sequences<double>(std::vector<std::size_t>{3, 0, 5}, 1),
                      Sequences<double>(std::vector<std::size_t>{3, 0, 5}, 1),
                      {}};
  fill(batch.x.values(), 7);
  fill(batch.targets.values(), 8);
  NetworkRunner<double> runner(network, *loss);
  ThreadPool pool(1);
  const Pass pass{.pool = &pool, .training = true};
  const auto value = [&] {
    runner.begin(batch);
    return runner.forward(pass, batch.x, batch.targets, 0).mean();
  };
  value();
  std::vector<double> gradient(network.weights().size()),
      weights(network.weights().begin(), network.weights().end());
  runner.backward(pass, batch.x, gradient);
  EXPECT_TRUE(gradient_matches("weights", weights, gradient, [&] {
    network.set_weights(weights);
    return value();
  }));
}

/// A chunk without any target has no gradient, but the sequences have begun with it.
TEST(LearnedStart, AChunkBehindOneWithoutTargetsDoesNotMoveIt) {
  Network<float> network("lstm 3 learned_start=on, dense 1", 1, 4);
  network.update_weights([](std::span<float> weights) { fill(weights, 6); });
  const std::vector<float> before(network.weights().begin(), network.weights().end());
  Batch<float> batch{Sequences<float>({8}, 1), Sequences<float>({8}, 1), {}};
  fill(batch.x.values(), 7);
  fill(batch.targets.values(), 8);
  for (std::size_t t = 0; t < 4; ++t) batch.targets.at(0, t)[0] = std::numeric_limits<float>::quiet_NaN();
  const GivenBatches<float> source({batch});
  const auto loss = make_loss<float>("mse", {});
  ThreadPool pool(1);
  TrainingOptions options;
  options.epochs = 1;
  options.tbptt = 4;
  Trainer<float>({.model = network, .loss = *loss, .training = source, .pool = pool}, options).run();
  for (const Parameter& parameter : network.parameters().all()) {
    const std::span<const float> now = network.weights().subspan(parameter.offset, parameter.shape.size());
    EXPECT_EQ(same_bits(now, std::span(before).subspan(parameter.offset, now.size())),
              parameter.name.ends_with(".start"))
        << parameter.name;
  }
}

TEST(LearnedStart, AStreamBeginsWithItAndComesBackToIt) {
  Network<double> network("lstm 3 learned_start=on", 1, 4);
  network.update_weights([](std::span<double> weights) { fill(weights, 6); });
  const Tensor<double> state = network.start(2);
  const std::span<const double> learned = network.weights().last(6);
  for (std::size_t b = 0; b < 2; ++b) EXPECT_TRUE(same_bits(state.matrix().row_span(b), learned));
}

}  // namespace
}  // namespace carousel::testing
