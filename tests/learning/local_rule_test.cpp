// The local rule of lstm_g learns online: weights change at the step that has a target, error never flows
// back in time.
#include "layers/local_rule.h"

#include <gtest/gtest.h>

#include <cmath>

#include "layers/lstm_wiring.h"

namespace carousel {
namespace {

/// The first of `steps` values is 1 or -1 and must be told at the end; the others are noise.
class FirstSymbolOnline {
 public:
  explicit FirstSymbolOnline(const Wiring& wiring) : layer_(wiring), rule_(layer_) {
    ParameterTable table;
    layer_.declare(table, "l");
    weights_.resize(table.size());
    layer_.initialise(weights_, 3);
    layer_.pack(weights_, {});
    gradient_.resize(table.size());
    state_.resize(layer_.state_size());
  }

  /// Mean squared error at the ends of so many sequences.
  double run(std::size_t sequences, std::size_t steps, float rate) {
    double error = 0;
    for (std::size_t n = 0; n < sequences; ++n) {
      const Random random(5, ++sequence_);
      const float first = random.bits(0) % 2 == 0 ? 1.0f : -1.0f;
      rule_.restart();
      std::ranges::fill(state_, 0.0f);
      float y = 0;
      for (std::size_t t = 0; t < steps; ++t) {
        const float x = t == 0 ? first : static_cast<float>(random.uniform(t, -0.5, 0.5));
        rule_.step({&x, 1}, state_, {&y, 1});
      }
      error += (y - first) * (y - first) / static_cast<double>(sequences);
      const float dy = y - first;
      std::ranges::fill(gradient_, 0.0f);
      rule_.add_gradient({&dy, 1}, gradient_);
      for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i] -= rate * gradient_[i];
      layer_.pack(weights_, {});
    }
    return error;
  }

 private:
  LstmG<float> layer_;
  LocalRule<float> rule_;
  std::vector<float> weights_, gradient_, state_;
  std::uint64_t sequence_ = 0;
};

Wiring with_output(Wiring wiring) {
  wiring.groups.push_back({"out", 1, {}});
  wiring.connections.push_back({.from = "h", .to = "out"});
  wiring.connections.push_back({.from = "one", .to = "out"});
  wiring.outputs = {"out"};
  return wiring;
}

TEST(LocalRuleLearning, TheFirstSymbolIsRememberedOver20Steps) {
  // Saying 0 always has an error of 1.
  LstmOptions options;
  options.forget_bias = 3;
  FirstSymbolOnline lstm(with_output(lstm_wiring(1, 4, options)));
  lstm.run(10000, 21, 0.05f);
  EXPECT_LT(lstm.run(500, 21, 0), 0.01);
}

// A net without gates and self-connections has no traces of the past; so the rule learns nothing there.
TEST(LocalRuleLearning, NeedsACarousel) {
  Wiring elman;
  elman.inputs = 1;
  elman.groups = {{"h", 8, {kernels::ActivationKind::tanh}}};
  elman.connections = {{.from = "x", .to = "h"}, {.from = "h", .to = "h"}};
  FirstSymbolOnline rnn(with_output(elman));
  rnn.run(10000, 21, 0.05f);
  EXPECT_GT(rnn.run(500, 21, 0), 0.5);
}

}  // namespace
}  // namespace carousel
