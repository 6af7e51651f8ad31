// The local rule of lstm_g against the truncated rule of 1997 and 2000, written here as its papers give it,
// and against back-propagation.
#include "layers/local_rule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "layers/lstm_wiring.h"
#include "layers/truncated_rule_testing.h"

namespace carousel {
namespace {

using testing::Matrix;
using testing::sigmoid;
using testing::Truncated;
using testing::zeros;

/// The same network as a wiring with its local rule, learning at every step.
class Compared {
 public:
  Compared(std::size_t inputs, std::size_t blocks, std::size_t cells_per_block, std::size_t outputs,
           LstmOptions options, std::uint64_t seed)
      : random_(seed, 1),
        inputs_(inputs),
        layer_(wiring(inputs, blocks * cells_per_block, outputs, options)),
        rule_(layer_) {
    truncated_.blocks = blocks;
    truncated_.cells_per_block = cells_per_block;
    truncated_.outputs = outputs;
    truncated_.options = options;
    layer_.declare(table_, "l");
    weights_.resize(table_.size());
    for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i] = random_.uniform(i, -0.8, 0.8);
    state_.resize(layer_.state_size());
  }
  Truncated& truncated() { return truncated_; }

  /// The largest difference of a weight's gradient in `steps` steps of sequences of `length`, relative to the
  /// largest gradient of the step where that is over 1.
  double difference(std::size_t steps, std::size_t length) {
    double largest = 0;
    std::vector<double> y(truncated_.outputs), dy(truncated_.outputs), gradient(weights_.size());
    std::uint64_t draw = 1 << 20;
    for (std::size_t t = 0; t < steps; ++t) {
      copy_weights();
      layer_.pack(weights_, {});
      if (t % length == 0) restart();
      std::vector<double> x(inputs_), target(truncated_.outputs);
      for (double& value : x) value = random_.uniform(draw++, -1, 1);
      for (double& value : target) value = random_.uniform(draw++, 0, 1);
      truncated_.step(x, target);
      rule_.step(x, state_, y);
      for (std::size_t k = 0; k < y.size(); ++k) dy[k] = y[k] - target[k];
      std::ranges::fill(gradient, 0.0);
      rule_.add_gradient(dy, gradient);
      const std::vector<double> expected = expected_gradient();
      double size = 1, apart = 0;
      for (std::size_t i = 0; i < gradient.size(); ++i) {
        size = std::max(size, std::abs(expected[i]));
        apart = std::max(apart, std::abs(gradient[i] - expected[i]));
        weights_[i] -= 0.1 * gradient[i];
      }
      largest = std::max(largest, apart / size);
    }
    return largest;
  }

 private:
  static Wiring wiring(std::size_t inputs, std::size_t hidden, std::size_t outputs, LstmOptions options) {
    Wiring wiring = lstm_wiring(inputs, hidden, options);
    wiring.groups.push_back({"out", outputs, {ActivationKind::sigmoid}});
    wiring.connections.push_back({.from = "h", .to = "out"});
    wiring.connections.push_back({.from = "one", .to = "out"});
    wiring.outputs = {"out"};
    return wiring;
  }

  void restart() {
    truncated_.restart();
    rule_.restart();
    std::ranges::fill(state_, 0.0);
  }

  /// "l.TO.FROM" as the truncated rule calls it: the unit, whether it is a peephole, and the first source.
  struct Place {
    std::string unit;
    bool peephole;
    std::size_t column;
  };
  Place place(const std::string& name) const {
    const std::size_t dot = name.find('.', 2), C = truncated_.cells(), B = truncated_.blocks;
    const std::string to = name.substr(2, dot - 2), from = name.substr(dot + 1);
    if (to == "out") return {to, false, from == "h" ? 0 : C};
    std::map<std::string, std::size_t> columns = {{"x", 0}, {"h", inputs_}, {"one", inputs_ + C}};
    std::size_t column = inputs_ + C + 1;
    for (const char* gate : {"i_before", "f_before", "o_before"}) {
      if (gate[0] == 'f' && !truncated_.forgets()) continue;
      columns[gate] = column;
      column += B;
    }
    // A cell that takes its inputs unsquashed has no unit g.
    if (from == "c") return {to, true, 0};
    return {to == "c" ? "g" : to, false, columns.at(from)};
  }
  std::size_t sources() const {
    const bool fed_back = truncated_.options.gate_recurrence == GateRecurrence::all;
    return inputs_ + truncated_.cells() + 1 +
           (fed_back ? (truncated_.forgets() ? 3 : 2) * truncated_.blocks : 0);
  }

  void copy_weights() {
    for (const Parameter& parameter : table_.all()) {
      const auto [unit, peephole, column] = place(parameter.name);
      const std::size_t rows = parameter.shape[0], columns = parameter.shape[1];
      Matrix& to = peephole ? truncated_.p[unit] : truncated_.w[unit];
      const std::size_t width = peephole        ? truncated_.cells_per_block
                                : unit == "out" ? truncated_.cells() + 1
                                                : sources();
      if (to.empty()) to = zeros(rows, width);
      for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < columns; ++c)
          to[r][column + c] = weights_[parameter.offset + r * columns + c];
    }
  }
  std::vector<double> expected_gradient() {
    std::vector<double> expected(weights_.size());
    for (const Parameter& parameter : table_.all()) {
      const auto [unit, peephole, column] = place(parameter.name);
      const Matrix& from = peephole ? truncated_.p_gradient[unit] : truncated_.gradient[unit];
      for (std::size_t r = 0; r < parameter.shape[0]; ++r)
        for (std::size_t c = 0; c < parameter.shape[1]; ++c)
          expected[parameter.offset + r * parameter.shape[1] + c] = from[r][column + c];
    }
    return expected;
  }

  Random random_;
  std::size_t inputs_;
  LstmG<double> layer_;
  LocalRule<double> rule_;
  Truncated truncated_;
  ParameterTable table_;
  std::vector<double> weights_, state_;
};

LstmOptions preset(const std::string& name) { return lstm_preset(name).options; }

struct Sizes {
  std::size_t inputs, blocks, cells_per_block, outputs;
};
constexpr Sizes kSizes[] = {{3, 1, 1, 1}, {2, 4, 1, 3}, {4, 2, 3, 2}};

/// Worst over networks of all sizes, two of each.
double worst(LstmOptions options, bool error_through_peephole = false, std::size_t length = 200) {
  double largest = 0;
  for (const auto& [inputs, blocks, cells_per_block, outputs] : kSizes)
    for (const std::uint64_t seed : {1, 2}) {
      options.cells_per_block = cells_per_block;
      Compared compared(inputs, blocks, cells_per_block, outputs, options, seed);
      compared.truncated().error_through_peephole = error_through_peephole;
      largest = std::max(largest, compared.difference(400, length));
    }
  return largest;
}

TEST(LocalRule, IsTheTruncatedRuleOf1997) {
  LstmOptions options = preset("lstm_1997");
  EXPECT_LT(worst(options), 1e-12);
  options.gate_recurrence = GateRecurrence::none;
  EXPECT_LT(worst(options), 1e-12);
}

TEST(LocalRule, IsTheTruncatedRuleOf2000) {
  LstmOptions options = preset("lstm");
  EXPECT_LT(worst(options), 1e-12);
  options.gate_recurrence = GateRecurrence::all;
  EXPECT_LT(worst(options), 1e-12);
}

// The paper's own cells: connections to the cell gated by i, no squashing of the cell input.
TEST(LocalRule, IsTheTruncatedRuleOfUnsquashedCellInputs) {
  LstmOptions options = preset("lstm");
  options.input_activation = {};
  EXPECT_LT(worst(options), 1e-12);
  options.output_activation = {};
  EXPECT_LT(worst(options), 1e-12);
  // Without forget gate and squashing a state of size 1 is one of size 100 after 300 steps.
  options.forget_gate = ForgetGate::off;
  EXPECT_LT(worst(options, false, 50), 1e-12);
}

TEST(LocalRule, IsTheTruncatedRuleWithPeepholes) {
  LstmOptions options = preset("peephole");
  options.output_peephole = OutputPeephole::previous;
  EXPECT_LT(worst(options), 1e-12);
  options.forget_gate = ForgetGate::off;
  EXPECT_LT(worst(options), 1e-12);
}

// "LSTM-g takes advantage of an additional source of back-propagated error": an output gate that sees the
// present cell sends its error back to it.
TEST(LocalRule, HasTheErrorThroughTheOutputGatesPeephole) {
  EXPECT_LT(worst(preset("peephole"), true), 1e-12);
  EXPECT_GT(worst(preset("peephole"), false), 1e-6);
}

/// W v
std::vector<double> times(std::span<const double> W, const std::vector<double>& v) {
  std::vector<double> sums(W.size() / v.size(), 0.0);
  for (std::size_t i = 0; i < W.size(); ++i) sums[i / v.size()] += W[i] * v[i % v.size()];
  return sums;
}
/// What back-propagation makes of the gradient ds on W v: the gradient on W, and, added to dv, that on v.
std::vector<double> back(std::span<const double> W, const std::vector<double>& v,
                         const std::vector<double>& ds, std::vector<double>& dv) {
  std::vector<double> dW(W.size());
  for (std::size_t i = 0; i < W.size(); ++i) {
    dW[i] = ds[i / v.size()] * v[i % v.size()];
    dv[i % v.size()] += ds[i / v.size()] * W[i];
  }
  return dW;
}

// x -> a -> b -> out and a -> out, no gates: the gradient is that of back-propagation.
TEST(LocalRule, IsBackPropagationWithoutGatesAndLoops) {
  constexpr std::size_t F = 3, A = 4, B = 5, O = 2;
  Wiring wiring;
  wiring.inputs = F;
  wiring.groups = {{"a", A, {ActivationKind::tanh}}, {"b", B, {ActivationKind::sigmoid}}, {"out", O, {}}};
  wiring.connections = {{.from = "x", .to = "a"},
                        {.from = "a", .to = "b"},
                        {.from = "b", .to = "out"},
                        {.from = "a", .to = "out"}};
  wiring.outputs = {"out"};
  LstmG<double> layer(wiring);
  ParameterTable table;
  layer.declare(table, "l");
  ASSERT_EQ(table.size(), A * F + B * A + O * B + O * A);
  const Random random(8, 1);
  std::vector<double> w(table.size()), state(layer.state_size()), y(O);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = random.uniform(i, -1, 1);
  layer.pack(w, {});
  const std::span<const double> all(w), W_a = all.first(A * F), W_b = all.subspan(A * F, B * A),
                                        W_o = all.subspan(A * F + B * A, O * B), W_skip = all.last(O * A);
  LocalRule<double> rule(layer);
  for (std::size_t t = 0; t < 20; ++t) {
    const std::vector<double> x = {random.uniform(1000 + t, -1, 1), random.uniform(2000 + t, -1, 1), 0.5};
    const std::vector<double> dy = {0.3, -0.7};
    std::vector<double> gradient(w.size(), 0.0), dx(F, 0.0), da(A, 0.0), db(B, 0.0);
    rule.step(x, state, y);
    rule.add_gradient(dy, gradient);
    std::vector<double> a = times(W_a, x);
    for (double& value : a) value = std::tanh(value);
    std::vector<double> b = times(W_b, a);
    for (double& value : b) value = sigmoid(value);
    const std::vector<double> out = times(W_o, b), skip = times(W_skip, a);
    for (std::size_t j = 0; j < O; ++j) EXPECT_NEAR(y[j], out[j] + skip[j], 1e-14);
    const std::vector<double> dW_o = back(W_o, b, dy, db), dW_skip = back(W_skip, a, dy, da);
    for (std::size_t j = 0; j < B; ++j) db[j] *= b[j] * (1 - b[j]);
    const std::vector<double> dW_b = back(W_b, a, db, da);
    for (std::size_t j = 0; j < A; ++j) da[j] *= 1 - a[j] * a[j];
    std::vector<double> expected = back(W_a, x, da, dx);
    for (const std::vector<double>* dW : {&dW_b, &dW_o, &dW_skip})
      expected.insert(expected.end(), dW->begin(), dW->end());
    for (std::size_t i = 0; i < w.size(); ++i) EXPECT_NEAR(gradient[i], expected[i], 1e-14) << i;
  }
}

// A trace for each weight, and one more for each weight of i, f and g and each cell that they gate.
TEST(LocalRule, KeepsTheTracesThatAreNeeded) {
  const LstmG<double> layer(lstm_wiring(3, 4, preset("lstm")));
  EXPECT_EQ(LocalRule<double>(layer).traces(), layer.circuit().weights() + 3 * 4 * (3 + 4 + 1));
}

}  // namespace
}  // namespace carousel
