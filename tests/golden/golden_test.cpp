// Outputs, states, gradients and a training curve against PyTorch's (make_golden.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "losses/loss.h"
#include "model/network.h"
#include "model/safetensors.h"
#include "training/optimizer.h"

namespace carousel::testing {
namespace {

constexpr double kOutputLimit = 1e-6, kGradientLimit = 1e-5, kCurveLimit = 1e-4;

class Golden {
 public:
  explicit Golden(const std::string& name)
      : file_(read_safetensors(std::string(CAROUSEL_GOLDEN_DIR) + "/" + name + ".safetensors")),
        network_(file_.metadata.at("spec"), std::stoul(file_.metadata.at("inputs"))) {
    network_.update_weights([&](std::span<float> weights) {
      for (const Parameter& p : network_.parameters().all())
        std::ranges::copy(numbers("weights." + p.name),
                          weights.begin() + static_cast<std::ptrdiff_t>(p.offset));
    });
  }

  std::span<const float> numbers(const std::string& name) const {
    const NamedTensor* tensor = file_.find(name);
    if (tensor == nullptr) throw std::runtime_error("no tensor " + name);
    return tensor->numbers<float>();
  }
  const Shape& shape(const std::string& name) const { return file_.find(name)->shape; }

  /// A padded [T, B, F] tensor as sequences of the given lengths.
  Sequences<float> sequences(const std::string& name, const std::vector<std::size_t>& lengths) const {
    const std::span<const float> padded = numbers(name);
    const std::size_t F = shape(name)[2];
    Sequences<float> result(lengths, F);
    for (std::size_t b = 0; b < lengths.size(); ++b)
      for (std::size_t t = 0; t < lengths[b]; ++t)
        std::copy_n(padded.begin() + static_cast<std::ptrdiff_t>((t * lengths.size() + b) * F), F,
                    result.at(b, t).begin());
    return result;
  }

  Tensor<float> matrix(const std::string& name) const {
    Tensor<float> result(shape(name));
    std::ranges::copy(numbers(name), result.data());
    return result;
  }

  Network<float>& network() { return network_; }

 private:
  Safetensors file_;
  Network<float> network_;
};

void expect_near(std::span<const float> ours, std::span<const float> theirs, double limit,
                 const std::string& what) {
  ASSERT_EQ(ours.size(), theirs.size()) << what;
  double scale = 1e-12;  // limits are relative to the largest value
  for (float v : theirs) scale = std::max(scale, static_cast<double>(std::abs(v)));
  for (std::size_t i = 0; i < ours.size(); ++i)
    EXPECT_NEAR(ours[i], theirs[i], limit * scale) << what << ", element " << i;
}

class GoldenNetwork : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenNetwork, OutputsStatesAndGradientsAgreeWithPyTorch) {
  Golden golden(GetParam());
  const Network<float>& network = golden.network();
  std::vector<std::size_t> lengths;
  for (float length : golden.numbers("lengths")) lengths.push_back(static_cast<std::size_t>(length));
  const Sequences<float> x = golden.sequences("x", lengths), dy = golden.sequences("dy", lengths);
  ThreadPool pool(1);
  const Pass pass{.pool = &pool, .training = true};
  const auto trace = network.make_trace();
  Sequences<float> y, dx;
  Tensor<float> state = golden.matrix("state");
  network.forward(pass, x, state.matrix(), y, *trace);
  expect_near(y.values(), golden.sequences("y", lengths).values(), kOutputLimit, "y");
  expect_near(state.span(), golden.numbers("final"), kOutputLimit, "final state");

  Tensor<float> dstate = golden.matrix("dstate");
  std::vector<float> gradient(network.weights().size());
  network.backward(pass, x, y, dy, dstate.matrix(), &dx, gradient, *trace);
  expect_near(dx.values(), golden.sequences("dx", lengths).values(), kGradientLimit, "dx");
  expect_near(dstate.span(), golden.numbers("dinitial"), kGradientLimit, "gradient on the initial state");
  for (const Parameter& p : network.parameters().all())
    expect_near(std::span(gradient).subspan(p.offset, p.shape.size()), golden.numbers("gradient." + p.name),
                kGradientLimit, p.name);
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenNetwork,
                         ::testing::Values("lstm", "deep", "wide", "bidirectional", "bidirectional_deep",
                                           "gru", "gru_bidirectional_deep", "gru_before", "layer_norm",
                                           "conv1d", "conv1d_same", "projected", "peephole",
                                           "layer_norm_lstm", "lstm_1997", "peephole_cell_feedback",
                                           "full_gate_recurrence", "coupled", "fewer_gates", "activations",
                                           "conv_lstm", "conv_lstm_previous", "md_lstm", "rnn"),
                         [](const auto& file) { return file.param; });

struct TrainingCase {
  std::string file, loss;
};

class GoldenTraining : public ::testing::TestWithParam<TrainingCase> {};

TEST_P(GoldenTraining, AHundredStepsOfAdamFollowPyTorchsLosses) {
  Golden golden(GetParam().file);
  Network<float>& network = golden.network();
  const std::vector<std::size_t> lengths(6, 12);
  const Sequences<float> x = golden.sequences("x", lengths), target = golden.sequences("target", lengths);
  ThreadPool pool(1);
  LossOptions options;
  options.classes = network.outputs();
  const auto loss = make_loss<float>(GetParam().loss, options);
  const auto optimizer = make_optimizer<float>({.name = "adam"}, network.weights().size());
  const auto trace = network.make_trace();
  Sequences<float> y, dy(lengths, network.outputs());
  const std::span<const float> expected = golden.numbers("losses");
  for (std::size_t step = 0; step < 100; ++step) {
    Tensor<float> state({6, network.state_size()}), dstate({6, network.state_size()});
    std::vector<float> gradient(network.weights().size());
    const Pass pass{.pool = &pool, .training = true, .update = step};
    network.forward(pass, x, state.matrix(), y, *trace);
    EXPECT_NEAR(loss->evaluate(y.matrix(), target.matrix(), dy.matrix()).mean(), expected[step],
                kCurveLimit * expected[step])
        << "step " << step;
    network.backward(pass, x, y, dy, dstate.matrix(), nullptr, gradient, *trace);
    for (const Parameter& p : network.parameters().all())
      if (step == 0)
        expect_near(std::span(gradient).subspan(p.offset, p.shape.size()),
                    golden.numbers("gradient." + p.name), kGradientLimit, p.name);
    network.update_weights([&](std::span<float> weights) { optimizer->step(weights, gradient, 0.01); });
  }
  EXPECT_LT(expected[99], 0.7 * expected[0]);  // the curve is one of learning
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenTraining,
                         ::testing::Values(TrainingCase{"adam", "mse"},
                                           TrainingCase{"characters", "cross_entropy"}),
                         [](const auto& training) { return training.param.file; });

}  // namespace
}  // namespace carousel::testing
