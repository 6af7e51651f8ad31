// Networks of other tools: what they put out, worked out by hand, and files that are not what they should be.
#include <carousel/error.h>
#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <string>

#include "model/interop/nam.h"
#include "model/interop/rtneural.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// What a network of one input and output makes of a sequence.
std::vector<double> outputs(const ForeignNetwork& foreign, const std::vector<double>& x) {
  const Network<double> network = network_of<double>(foreign, "test");
  Tensor<double> state = network.start(1);
  AlignedVector<double> scratch(network.step_scratch(1));
  std::vector<double> result;
  for (double value : x) {
    double y = 0;
    network.step(View<const double>(&value, 1, 1), state.matrix(), View<double>(&y, 1, 1), scratch.data());
    result.push_back(y);
  }
  return result;
}

const std::vector<double> kInput = {0.5, -1, 2};

/// Gates i, f, g, o of one unit, w x + r h + b each; then a h + d.
struct OneLstm {
  std::array<double, 4> w, r, b;
  double h, c, a, d;

  std::vector<double> outputs() {
    std::vector<double> y;
    for (const double x : kInput) {
      const auto gate = [&](std::size_t k) { return w[k] * x + r[k] * h + b[k]; };
      c = sigmoid(gate(1)) * c + sigmoid(gate(0)) * std::tanh(gate(2));
      h = sigmoid(gate(3)) * std::tanh(c);
      y.push_back(a * h + d);
    }
    return y;
  }
};
/// Gates z, r, n of one unit; then a h + d.
struct OneGru {
  std::array<double, 3> w, r, b_w, b_r;
  double a, d;

  std::vector<double> outputs() const {
    std::vector<double> y;
    double h = 0;
    for (const double x : kInput) {
      const double z = sigmoid(w[0] * x + b_w[0] + r[0] * h + b_r[0]);
      const double reset = sigmoid(w[1] * x + b_w[1] + r[1] * h + b_r[1]);
      const double n = std::tanh(w[2] * x + b_w[2] + reset * (r[2] * h + b_r[2]));
      h = z * h + (1 - z) * n;
      y.push_back(a * h + d);
    }
    return y;
  }
};

void expect_near(const std::vector<double>& ours, const std::vector<double>& expected) {
  ASSERT_EQ(ours.size(), expected.size());
  for (std::size_t t = 0; t < ours.size(); ++t) EXPECT_NEAR(ours[t], expected[t], 1e-12) << t;
}

constexpr const char* kKerasLstm = R"({"in_shape": [null, null, 1], "layers": [
  {"type": "lstm", "activation": "tanh", "shape": [null, null, 1],
   "weights": [[[0.1, 0.2, 0.3, 0.4]], [[-0.5, 0.6, -0.7, 0.8]], [0.01, 1.0, 0.03, 0.04]]},
  {"type": "dense", "activation": "", "shape": [null, null, 1], "weights": [[[2.0]], [-0.25]]}]})";

TEST(ForeignNetwork, AKerasLstm) {
  const ForeignNetwork network = parse_rtneural(kKerasLstm, "lstm.json");
  EXPECT_EQ(network.inputs, 1u);
  OneLstm by_hand{{0.1, 0.2, 0.3, 0.4}, {-0.5, 0.6, -0.7, 0.8}, {0.01, 1, 0.03, 0.04}, 0, 0, 2, -0.25};
  expect_near(outputs(network, kInput), by_hand.outputs());
}

TEST(ForeignNetwork, AKerasGruBehindAnActivation) {
  const ForeignNetwork network = parse_rtneural(R"({"layers": [
    {"type": "gru", "activation": "tanh", "weights":
      [[[0.1, 0.2, 0.3]], [[-0.5, 0.6, 0.7]], [[0.01, 0.02, 0.03], [0.04, 0.05, 0.06]]]},
    {"type": "time-distributed-dense", "activation": "sigmoid", "weights": [[[2.0]], [0.5]]}]})",
                                                "gru.json");
  const OneGru by_hand{{0.1, 0.2, 0.3}, {-0.5, 0.6, 0.7}, {0.01, 0.02, 0.03}, {0.04, 0.05, 0.06}, 2, 0.5};
  std::vector<double> expected = by_hand.outputs();
  for (double& y : expected) y = sigmoid(y);
  expect_near(outputs(network, kInput), expected);
}

TEST(ForeignNetwork, AKerasMatrixHasInputsAsRows) {
  const ForeignNetwork network = parse_rtneural(
      R"({"layers": [{"type": "dense", "weights": [[[1, 2, 3], [4, 5, 6]], [0, 0, 0]]}]})", "dense.json");
  EXPECT_EQ(network.inputs, 2u);
  EXPECT_EQ(network.weights.at("layers.0.W"), (std::vector<double>{1, 4, 2, 5, 3, 6}));
}

TEST(ForeignNetwork, AStateDictionaryOfPyTorch) {
  expect_near(outputs(parse_rtneural(R"({
    "lstm.weight_ih_l0": [[0.1], [0.2], [0.3], [0.4]], "lstm.weight_hh_l0": [[-0.5], [0.6], [-0.7], [0.8]],
    "lstm.bias_ih_l0": [0.01, 0.5, 0.02, 0.04], "lstm.bias_hh_l0": [0, 0.5, 0.01, 0],
    "dense.weight": [[2.0]], "dense.bias": [-0.25]})",
                                     "torch.json"),
                      kInput),
              outputs(parse_rtneural(kKerasLstm, "lstm.json"), kInput));
  // The reset gate first.
  const OneGru by_hand{{0.1, 0.2, 0.3}, {-0.5, 0.6, 0.7}, {0.01, 0.02, 0.03}, {0.04, 0.05, 0.06}, 2, 0.5};
  expect_near(outputs(parse_rtneural(R"({
    "rnn.weight_ih_l0": [[0.2], [0.1], [0.3]], "rnn.weight_hh_l0": [[0.6], [-0.5], [0.7]],
    "rnn.bias_ih_l0": [0.02, 0.01, 0.03], "rnn.bias_hh_l0": [0.05, 0.04, 0.06],
    "out.weight": [[2.0]], "out.bias": [0.5]})",
                                     "torch.json"),
                      kInput),
              by_hand.outputs());
}

TEST(ForeignNetwork, AnAmplifierBeginsWithItsState) {
  const std::string amplifier =
      R"({"architecture": "LSTM", "config": {"input_size": 1, "hidden_size": 1, "num_layers": 1},
          "weights": [0.1, -0.5, 0.2, 0.6, 0.3, -0.7, 0.4, 0.8, 0.01, 1.0, 0.03, 0.04, 0.3, -0.6, 2, -0.25]})";
  OneLstm by_hand{{0.1, 0.2, 0.3, 0.4}, {-0.5, 0.6, -0.7, 0.8}, {0.01, 1, 0.03, 0.04}, 0.3, -0.6, 2, -0.25};
  expect_near(outputs(parse_nam(amplifier, "a.nam"), kInput), by_hand.outputs());
}

void refuses_rtneural(const std::string& text, const std::string& part) {
  EXPECT_THAT([&] { parse_rtneural(text, "a.json"); }, ThrowsMessage<ModelError>(HasSubstr(part))) << text;
}

TEST(ForeignNetwork, RefusesWhatIsNoSuchModel) {
  refuses_rtneural("{", "a.json, byte 2: this is no JSON");
  refuses_rtneural("[]", "a.json: found array, expected an object");
  refuses_rtneural("{}", "found no layers");
  refuses_rtneural(R"({"layers": {}})", "layers: expected a list");
  refuses_rtneural(R"({"layers": [{}]})", "layers[0]: there is no \"type\"");
  refuses_rtneural(R"({"layers": [{"type": "conv1d"}]})", "layers[0] (conv1d): this type of layer");
  const auto dense = [](const std::string& rest) {
    return R"({"layers": [{"type": "dense", )" + rest + "}]}";
  };
  refuses_rtneural(dense(R"("weights": [[[1]]])"), "layers[0] (dense): weights: expected a list of 2");
  refuses_rtneural(dense(R"("weights": [[[1], [2, 3]], [0]])"), "row 2 has 2 numbers, the one before 1");
  refuses_rtneural(dense(R"("weights": [[[1, null]], [0]])"), "found null, expected a number");
  refuses_rtneural(dense(R"("weights": [[[1, 2]], [0]])"), "bias: found 1 numbers, expected 2");
  refuses_rtneural(dense(R"("weights": [[], []])"), "found no weights");
  refuses_rtneural(dense(R"("weights": [[[1e999]], [0]])"), "a number that is too large");
  refuses_rtneural(dense(R"("activation": "softmax", "weights": [[[1]], [0]])"), "\"softmax\"");
  refuses_rtneural(R"({"layers": [{"type": "dense", "weights": [[[1, 2]], [0, 0]]},
                                  {"type": "dense", "weights": [[[1]], [0]]}]})",
                   "layers[1] (dense): found weights of 1 inputs, but the layer before has 2 outputs");
  refuses_rtneural(R"({"layers": [{"type": "lstm", "activation": "tanh",
                                   "weights": [[[1, 1, 1, 1]], [[1, 1, 1]], [0, 0, 0, 0]]}]})",
                   "recurrent weights: found 3 x 1 numbers, expected 4 x 1");
  refuses_rtneural(R"({"layers": [{"type": "gru", "activation": "tanh",
                                   "weights": [[[1, 1, 1]], [[1, 1, 1]], [0, 0, 0]]}]})",
                   "expected two biases");
  refuses_rtneural(R"({"a.weight_ih_l0": [[1], [1], [1]]})", "a.json: a: there is no weight_hh_l0");
  refuses_rtneural(R"({"norm.weight": [1], "norm.bias": [0], "norm.running_mean": [0]})",
                   "a.json: norm: found weight, expected");
  refuses_rtneural(R"({"a.weight_ih_l0": [[1], [1], [1]], "a.weight_hh_l0": [[1], [1], [1]],
                       "a.bias_ih_l0": [0, 0, 0], "a.bias_hh_l0": [0, 0, 0], "a.weight_ih_l0_reverse": []})",
                   "two directions");
}

TEST(ForeignNetwork, RefusesAnAmplifierOfOtherNumbers) {
  const auto amplifier = [](const std::string& architecture, const std::string& hidden,
                            const std::string& weights) {
    return [=] {
      parse_nam(R"({"architecture": ")" + architecture +
                    R"(", "config": {"input_size": 1, "num_layers": 1, "hidden_size": )" + hidden +
                    R"(}, "weights": [)" + weights + "]}",
                "a.nam");
    };
  };
  EXPECT_THAT(amplifier("WaveNet", "1", ""), ThrowsMessage<ModelError>(HasSubstr("found \"WaveNet\"")));
  EXPECT_THAT(amplifier("LSTM", "-1", ""), ThrowsMessage<ModelError>(HasSubstr("config.hidden_size")));
  EXPECT_THAT(amplifier("LSTM", "0", ""), ThrowsMessage<ModelError>(HasSubstr("config.hidden_size")));
  EXPECT_THAT(amplifier("LSTM", "1", "1, 2"), ThrowsMessage<ModelError>(HasSubstr("fewer than")));
  EXPECT_THAT(amplifier("LSTM", "1", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"),
              ThrowsMessage<ModelError>(HasSubstr("found 17 numbers, more than")));
}

TEST(ForeignNetwork, RefusesANumberThatNoFloatHolds) {
  const ForeignNetwork network =
      parse_rtneural(R"({"layers": [{"type": "dense", "weights": [[[1e300]], [0]]}]})", "a.json");
  EXPECT_THAT([&] { network_of<float>(network, "a.json"); },
              ThrowsMessage<ModelError>(HasSubstr("a.json: layers.0.W: number 1")));
}

}  // namespace
}  // namespace carousel
