// Analytic gradients of every member against central differences, in double: through inputs, initial states
// and weights.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "base/thread_pool.h"
#include "contract/problem.h"
#include "model/network.h"
#include "support/gradient_check.h"

namespace carousel::testing {
namespace {

/// sum of a * y over all outputs, plus sum of b * final state, with fixed random a and b: its gradient
/// reaches everything.
class Probe {
 public:
  Probe(const Member& member, const std::vector<std::size_t>& lengths)
      : member_(member),
        network_(member.spec, member.inputs, 3),
        x_(lengths, member.inputs),
        trace_(network_.make_trace()) {
    fill_inputs(member, x_.values(), 11);
    initial_state_.resize({lengths.size(), network_.state_size()});
    fill_states(member, initial_state_.span(), Random(11, 2), 0.5);
    network_.update_weights([&](std::span<double> w) { fill(w, 3, 0.6); });
    dy_ = Sequences<double>(output_lengths(network_, lengths), network_.outputs());
    fill(dy_.values(), 4, 1.0);
    dstate_.resize({lengths.size(), network_.state_size()});
    fill(dstate_.span(), 5, 1.0);
    std::vector<StateValue> values(network_.state_size());
    std::size_t column = 0;
    for (const Layer<double>* layer : network_.layers()) {
      layer->name_values(std::span(values).subspan(column, layer->state_size()));
      column += layer->state_size();
    }
    for (std::size_t i = 0; i < dstate_.size(); ++i)
      if (values[i % values.size()] == StateValue::bookkeeping) dstate_[i] = 0;
    pass_ = {.pool = &pool_, .training = true, .seed = 9, .update = 2};
  }

  double value() {
    if (from_start_) initial_state_ = network_.start(initial_state_.shape()[0]);
    state_ = initial_state_;
    network_.forward(pass_, x_, state_.matrix(), y_, *trace_);
    double sum = 0;
    for (std::size_t i = 0; i < y_.values().size(); ++i) sum += dy_.values()[i] * y_.values()[i];
    for (std::size_t i = 0; i < state_.size(); ++i) sum += dstate_[i] * state_[i];
    return sum;
  }

  /// The same from the states that the network itself begins with. Every number of a learned start must have
  /// a gradient.
  void check_from_start() {
    from_start_ = true;
    check();
    for (const Parameter& parameter : network_.parameters().all()) {
      if (!parameter.name.ends_with(".start")) continue;
      for (std::size_t i = 0; i < parameter.shape.size(); ++i)
        EXPECT_NE(gradient_[parameter.offset + i], 0) << parameter.name << " " << i;
    }
  }

  void check() {
    value();
    Tensor<double> dstate = dstate_;
    Sequences<double> dx;
    gradient_.assign(network_.weights().size(), 0.0);
    network_.backward(pass_, x_, y_, dy_, dstate.matrix(), &dx, gradient_, *trace_);
    if (from_start_) network_.start_gradient(std::as_const(dstate).matrix(), gradient_);
    if (member_.symbols == 0) {
      EXPECT_TRUE(gradient_matches("dx", x_.values(), dx.values(), [&] { return value(); }));
    } else {
      EXPECT_TRUE(std::ranges::all_of(dx.values(), [](double d) { return d == 0; }));  // none in between
    }
    if (!from_start_) {
      EXPECT_TRUE(gradient_matches("dstate", initial_state_.span(), dstate.span(), [&] { return value(); }));
    }
    std::vector<double> weights(network_.weights().begin(), network_.weights().end());
    EXPECT_TRUE(gradient_matches("weights", weights, gradient_, [&] {
      network_.set_weights(weights);
      return value();
    }));
  }

 private:
  static void fill(std::span<double> values, std::uint64_t stream, double limit) {
    const Random random(11, stream);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = random.uniform(i, -limit, limit);
  }

  Member member_;
  ThreadPool pool_{1};
  Network<double> network_;
  Sequences<double> x_, y_, dy_;
  Tensor<double> initial_state_, state_, dstate_;
  bool from_start_ = false;
  std::vector<double> gradient_;
  Pass pass_;
  std::unique_ptr<Trace<double>> trace_;
};

/// What layers say of their states, through wrappers too: H values of h and, of min_lstm, 3H + 1 behind them.
TEST(StateValues, AreWhatTheEquationsHave) {
  const auto counts = [](const std::string& spec) {
    const Network<float> network(spec, 2);
    std::vector<StateValue> values(network.state_size());
    std::size_t column = 0;
    for (const Layer<float>* layer : network.layers()) {
      layer->name_values(std::span(values).subspan(column, layer->state_size()));
      column += layer->state_size();
    }
    const auto of = [&](StateValue what) { return std::ranges::count(values, what); };
    return std::array{of(StateValue::memory), of(StateValue::normaliser), of(StateValue::bookkeeping)};
  };
  using Counts = std::array<std::ptrdiff_t, 3>;
  EXPECT_EQ(counts("lstm 5"), (Counts{10, 0, 0}));
  EXPECT_EQ(counts("gru 5, dense 3"), (Counts{5, 0, 0}));
  EXPECT_EQ(counts("min_lstm 5"), (Counts{5, 0, 16}));
  EXPECT_EQ(counts("slstm 6 heads=2"), (Counts{18, 6, 0}));
  EXPECT_EQ(counts("mlstm 6 heads=2"), (Counts{2 * 9 + 6 + 2, 0, 0}));
  EXPECT_EQ(counts("bidirectional(min_gru 3), residual(parallel(lstm 2, slstm 4))"),
            (Counts{2 * 3 + 4 + 12, 4, 2 * 10}));
}

class Gradient : public ::testing::TestWithParam<Member> {};

TEST_P(Gradient, OfARaggedBatchMatchesDifferences) { Probe(GetParam(), {4, 0, 7, 1, 4}).check(); }
TEST_P(Gradient, OfOneSequenceMatchesDifferences) { Probe(GetParam(), {9}).check(); }

class GradientOfLearnedStart : public ::testing::TestWithParam<Member> {};

TEST_P(GradientOfLearnedStart, MatchesDifferences) { Probe(GetParam(), {4, 0, 7, 1, 4}).check_from_start(); }

std::vector<Member> members_that_learn_starts() {
  std::vector<Member> some;
  for (const Member& member : members())
    if (member.spec.find("learned_start=on") != std::string::npos) some.push_back(member);
  return some;
}

// More rows than one segment of backward takes, so that gradients cross segments.
TEST(GradientOfALongBatch, CrossesSegments) {
  Probe({"lstm", "lstm 2, dense 1", 1}, {300, 250, 40}).check();
  Probe({"gru", "gru 2, gru 2 reset=before, dense 1", 1}, {300, 250, 40}).check();
  Probe({"min", "min_lstm 2, min_gru 2, dense 1", 1}, {300, 250, 40}).check();
  Probe({"mlstm", "mlstm 2 heads=2, dense 1", 1}, {150, 70, 40}).check();
  Probe({"mlstm", "mlstm 6 heads=2, dense 1", 1}, {80, 40, 17}).check();
}

INSTANTIATE_TEST_SUITE_P(Members, Gradient, ::testing::ValuesIn(members()),
                         member_name<::testing::TestParamInfo<Member>>);

INSTANTIATE_TEST_SUITE_P(Members, GradientOfLearnedStart, ::testing::ValuesIn(members_that_learn_starts()),
                         member_name<::testing::TestParamInfo<Member>>);

}  // namespace
}  // namespace carousel::testing
