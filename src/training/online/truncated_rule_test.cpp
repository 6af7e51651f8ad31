// The rule of 1997 against the derivative of the graph that it leaves of the network, found by
// back-propagation and by differences; and against the rule as the papers give it.
#include "training/online/truncated_rule.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "layers/truncated_rule_testing.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::size_t kInputs = 3, kSteps = 12;

std::vector<double> values(std::size_t n, std::uint64_t stream, double size) {
  std::vector<double> all(n);
  for (std::size_t k = 0; k < n; ++k) all[k] = Random(5, stream).uniform(k, -size, size);
  return all;
}

Network<double> network_of(const std::string& spec, std::size_t inputs = kInputs) {
  Network<double> network(spec, inputs);
  network.set_weights(values(network.weights().size(), 1, 0.9));
  return network;
}

/// Inputs of a sequence; some are 0, as those of symbols are.
std::vector<double> inputs_of_sequence() {
  std::vector<double> x = values(kSteps * kInputs, 2, 1);
  for (std::size_t k = 0; k < x.size(); k += 2) x[k] = 0;
  return x;
}

const Parameter& parameter(const Network<double>& network, const std::string& name) {
  return *std::ranges::find(network.parameters().all(), name, &Parameter::name);
}

/// What error can flow through in the network: the same one, whose blocks are given what other blocks, or
/// they themselves, put out the step before, as inputs like x. There error flows back through the cells'
/// states alone.
struct Cut {
  Network<double> network;
  std::vector<std::pair<std::size_t, std::size_t>> same;  // of each weight, its places here and in the whole
};

Cut cut(const Network<double>& whole, std::size_t hidden, std::size_t gates, const std::string& lstm,
        const std::string& dense) {
  Cut cut{Network<double>(lstm + " feedback=none gate_recurrence=none, " + dense, kInputs + hidden + gates),
          {}};
  std::vector<double> weights(cut.network.weights().size());
  const auto put = [&](const std::string& from, const std::string& to, std::size_t column) {
    const Parameter &there = parameter(whole, from), &here = parameter(cut.network, to);
    const std::size_t columns = there.shape.rank() == 2 ? there.shape[1] : 1;
    const std::size_t width = here.shape.rank() == 2 ? here.shape[1] : 1;
    for (std::size_t k = 0; k < there.shape.size(); ++k)
      cut.same.emplace_back(here.offset + k / columns * width + column + k % columns, there.offset + k);
  };
  put("layers.0.W", "layers.0.W", 0);
  put("layers.0.R", "layers.0.W", kInputs);
  if (gates > 0) put("layers.0.Q", "layers.0.W", kInputs + hidden);
  put("layers.0.b", "layers.0.b", 0);
  put("layers.1.W", "layers.1.W", 0);
  put("layers.1.b", "layers.1.b", 0);
  for (const auto& [here, there] : cut.same) weights[here] = whole.weights()[there];
  cut.network.set_weights(weights);
  return cut;
}

/// Sum over all steps and outputs of an output times a number of its own.
double error_of(const Network<double>& network, const Sequences<double>& x, const std::vector<double>& dy,
                std::vector<double>* gradient) {
  ThreadPool pool(1);
  const Pass pass{.pool = &pool, .training = true};
  Tensor<double> state = network.start(1);
  Sequences<double> y;
  const auto trace = network.make_trace();
  network.forward(pass, x, state.matrix(), y, *trace);
  double sum = 0;
  for (std::size_t k = 0; k < dy.size(); ++k) sum += dy[k] * y.values()[k];
  if (gradient == nullptr) return sum;
  Sequences<double> back(y.layout_pointer(), y.features());
  std::ranges::copy(dy, back.values().begin());
  gradient->assign(network.weights().size(), 0);
  state.fill(0);
  network.backward(pass, x, y, back, state.matrix(), nullptr, *gradient, *trace);
  return sum;
}

struct Member {
  std::string lstm, fed_back, dense;
  std::size_t hidden, gates, outputs;
};

const Member kMembers[] = {
    {"lstm_1997 4 cells_per_block=2", "", "dense 2 activation=sigmoid", 4, 4, 2},
    {"lstm_1997 3", "", "dense 3", 3, 6, 3},
    {"lstm 4 cells_per_block=2", "", "dense 2 activation=tanh", 4, 0, 2},
    {"lstm 3", " gate_recurrence=all", "dense 1", 3, 9, 1},
    {"lstm 6 cells_per_block=3 input_gate=off output_activation=identity", "", "dense 2", 6, 0, 2},
    {"lstm 3 output_gate=off input_activation=softsign", " gate_recurrence=all", "dense 2", 3, 6, 2},
};

TEST(TruncatedRule, IsTheDerivativeOfTheGraphThatIsLeft) {
  for (const Member& member : kMembers) {
    const Network<double> whole = network_of(member.lstm + member.fed_back + ", " + member.dense);
    TruncatedRule<double> rule(whole);
    Cut left = cut(whole, member.hidden, member.gates, member.lstm, member.dense);
    const std::vector<double> x = inputs_of_sequence(), dy = values(kSteps * member.outputs, 3, 1);
    // What blocks see of the step before, as the network itself computes it.
    Sequences<double> seen(std::vector<std::size_t>{kSteps}, kInputs + member.hidden + member.gates);
    Tensor<double> state = whole.start(1);
    std::vector<double> y(member.outputs), scratch(whole.step_scratch(1));
    for (std::size_t t = 0; t < kSteps; ++t) {
      const auto to = seen.at(0, t);
      const double* const at = x.data() + t * kInputs;
      std::copy_n(at, kInputs, to.data());
      std::copy_n(state.data(), member.hidden, to.data() + kInputs);
      std::copy_n(state.data() + 2 * member.hidden, member.gates, to.data() + kInputs + member.hidden);
      whole.step({at, 1, kInputs}, state.matrix(), {y.data(), 1, y.size()}, scratch.data());
      const std::span<const double> out = rule.step({at, kInputs});
      for (std::size_t k = 0; k < y.size(); ++k) EXPECT_NEAR(out[k], y[k], 1e-14) << member.lstm << ", " << t;
      rule.collect(std::span(dy).subspan(t * y.size(), y.size()));
    }
    std::vector<double> found(whole.weights().size()), exact;
    rule.get_collected(found);
    error_of(left.network, seen, dy, &exact);
    std::vector<double> weights(left.network.weights().begin(), left.network.weights().end());
    for (const auto& place : left.same) {
      const std::size_t here = place.first, there = place.second;  // clang 14 captures no parts of a pair
      EXPECT_NEAR(found[there], exact[here], 1e-13) << member.lstm << ", weight " << there;
      const double w = weights[here], step = 1e-5;
      const auto shifted = [&](double by) {
        weights[here] = w + by;
        left.network.set_weights(weights);
        weights[here] = w;
        return error_of(left.network, seen, dy, nullptr);
      };
      const double difference = (shifted(step) - shifted(-step)) / (2 * step);
      EXPECT_NEAR(found[there], difference, 1e-8) << member.lstm << ", weight " << there;
    }
  }
}

/// The rule as the papers give it, with the weights of a network.
class Published {
 public:
  Published(const Network<double>& network, const LstmOptions& options, std::size_t blocks)
      : network_(network) {
    rule_.blocks = blocks, rule_.cells_per_block = options.cells_per_block;
    rule_.outputs = network.outputs(), rule_.options = options;
    const std::size_t C = rule_.cells(), gates = (rule_.forgets() ? 3 : 2) * blocks;
    const bool fed_back = options.gate_recurrence == GateRecurrence::all;
    const std::size_t sources = kInputs + C + 1 + (fed_back ? gates : 0);
    for (const char* unit : {"i", "f", "g", "o"})
      if (*unit != 'f' || rule_.forgets()) rule_.w[unit] = testing::zeros(*unit == 'g' ? C : blocks, sources);
    rule_.w["out"] = testing::zeros(rule_.outputs, C + 1);
    if (options.peephole == Peephole::diagonal)
      for (const char* unit : {"i", "f", "o"})
        if (*unit != 'f' || rule_.forgets()) rule_.p[unit] = testing::zeros(blocks, options.cells_per_block);
    for_each_weight([&](double& w, double&, std::size_t at) { w = network_.weights()[at]; });
    rule_.restart();
  }

  void step(const std::vector<double>& x, const std::vector<double>& target) { rule_.step(x, target); }
  std::vector<double> gradient() {
    std::vector<double> all(network_.weights().size(), std::nan(""));
    for_each_weight([&](double&, double& gradient, std::size_t at) { all[at] = gradient; });
    return all;
  }
  void change(const std::vector<double>& weights) {
    for_each_weight([&](double& w, double&, std::size_t at) { w = weights[at]; });
  }

 private:
  /// visit(weight, its gradient, place in the network's vector). Before the first step there is no gradient.
  template <class Visit>
  void for_each_weight(Visit&& visit) {
    const std::size_t C = rule_.cells();
    const auto take = [&](const std::string& name, const std::vector<std::string>& units,
                          std::size_t column) {
      const auto found = std::ranges::find(network_.parameters().all(), name, &Parameter::name);
      if (found == network_.parameters().all().end()) return;
      const std::size_t columns = found->shape.rank() == 2 ? found->shape[1] : 1;
      std::size_t at = found->offset;
      const bool peephole = name.ends_with(".p");
      for (const std::string& unit : units) {
        if (!(peephole ? rule_.p : rule_.w).contains(unit)) continue;
        testing::Matrix& w = (peephole ? rule_.p : rule_.w)[unit];
        testing::Matrix& gradient = (peephole ? rule_.p_gradient : rule_.gradient)[unit];
        if (gradient.empty() && !w.empty()) gradient = testing::zeros(w.size(), w[0].size());
        for (std::size_t r = 0; r < w.size(); ++r)
          for (std::size_t c = 0; c < (peephole ? w[r].size() : columns); ++c, ++at)
            visit(w[r][column + c], gradient[r][column + c], at);
      }
    };
    const std::vector<std::string> gates = {"i", "f", "o"}, all = {"i", "f", "g", "o"};
    take("layers.0.W", all, 0);
    take("layers.0.R", all, kInputs);
    take("layers.0.b", all, kInputs + C);
    take("layers.0.Q", all, kInputs + C + 1);
    take("layers.0.p", gates, 0);
    take("layers.1.W", {"out"}, 0);
    take("layers.1.b", {"out"}, C);
  }

  const Network<double>& network_;
  testing::Truncated rule_;
};

TEST(TruncatedRule, IsThePublishedOneWhileWeightsChange) {
  for (const auto& [lstm, blocks] : {std::pair<std::string, std::size_t>{"lstm_1997 4 cells_per_block=2", 2},
                                     {"lstm_1997 3 gate_recurrence=none", 3},
                                     {"lstm 6 cells_per_block=3", 2},
                                     {"lstm 3 gate_recurrence=all", 3},
                                     {"peephole 4 cells_per_block=2", 2},
                                     {"peephole 3 output_peephole=previous", 3},
                                     {"no_forget_gate 4 cells_per_block=4", 1}}) {
    const Network<double> network = network_of(lstm + ", dense 2 activation=sigmoid");
    Published published(network, truncated_shape(network.spec(), kInputs).options, blocks);
    TruncatedRule<double> rule(network);
    std::vector<double> weights(network.weights().begin(), network.weights().end()), found(weights.size());
    for (std::size_t t = 0; t < 150; ++t) {
      const std::vector<double> x = values(kInputs, 100 + t, 1), target = values(2, 1000 + t, 1);
      published.step(x, target);
      const std::span<const double> y = rule.step(x);
      const std::vector<double> dy = {y[0] - target[0], y[1] - target[1]}, expected = published.gradient();
      rule.collect(dy);
      rule.get_collected(found);
      for (std::size_t k = 0; k < weights.size(); ++k) {
        ASSERT_NEAR(found[k], expected[k], 1e-12) << lstm << ", step " << t << ", weight " << k;
        weights[k] -= 0.25 * expected[k];
      }
      rule.learn_collected(0.25);
      published.change(weights);
    }
  }
}

TEST(TruncatedRule, LearnsAtOnceWhatItWouldHaveCollected) {
  for (const std::string spec :
       {"parallel(dropout 0, lstm 4 cells_per_block=2 bias=gates), dense 3 bias=off",
        "lstm_1997 4 gate_recurrence=gates bias=none, dense 2", "peephole 3, dense 1"}) {
    const Network<double> network = network_of(spec);
    TruncatedRule<double> at_once(network), collecting(network);
    std::vector<double> a(network.weights().size()), b(a);
    for (std::size_t t = 0; t < 40; ++t) {
      const std::vector<double> x = values(kInputs, t, 1), dy = values(network.outputs(), 50 + t, 1);
      at_once.step(x), at_once.learn(dy, 0.1);
      collecting.step(x), collecting.collect(dy), collecting.learn_collected(0.1);
    }
    at_once.get_weights(a), collecting.get_weights(b);
    for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], 1e-13) << spec;
    EXPECT_NE(a, std::vector<double>(network.weights().begin(), network.weights().end()));
  }
}

TEST(TruncatedRule, RefusesWhatItCannotFollow) {
  const auto refusal = [](const std::string& spec, const std::string& what) {
    EXPECT_THAT([&] { TruncatedRule<float>(Network<float>(spec, kInputs)); },
                ThrowsMessage<SettingError>(HasSubstr(what)))
        << spec;
  };
  refusal("lstm 4", "expected an LSTM and a dense layer behind it");
  refusal("gru 4, dense 1", "found the network \"gru 4, dense 1\"");
  refusal("lstm 4, lstm 4, dense 1", "expected an LSTM and a dense layer");
  refusal("parallel(dropout 0.1, lstm 4), dense 1", "expected an LSTM and a dense layer");
  refusal("coupled 4, dense 1", "no rule for forget_gate=coupled");
  refusal("lstm 4 peephole=full, dense 1", "no rule for peephole=full");
  refusal("lstm 4 projection=2, dense 1", "no rule for projection");
  refusal("lstm 4 layer_norm=on, dense 1", "no rule for layer_norm");
  refusal("lstm 4 zoneout_cell=0.1, dense 1", "no rule for zoneout_cell");
  refusal("lstm 4 learned_start=on, dense 1", "no rule for learned_start");
}

}  // namespace
}  // namespace carousel
