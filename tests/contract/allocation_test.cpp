// Short work must not pay for memory: a pass of a shape had before allocates nothing, on any schedule and on
// no thread.
#include "contract/problem.h"
#include "layers/local_rule.h"
#include "layers/lstm_wiring.h"
#include "support/count_allocations.h"
#include "training/recomputation.h"

namespace carousel::testing {
namespace {

struct Case {
  SharedBy by;
  std::string spec;
  std::size_t batch;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << name(c.by) << ": " << c.spec; }

class Allocation : public ::testing::TestWithParam<Case> {};

/// Passes over two batches by turns, with buffers of their own for outputs.
class Passes {
 public:
  Passes(const Network<float>& network, const std::vector<const Problem<float>*>& problems)
      : network_(network), problems_(problems), outs_(problems.size()), trace_(network.make_trace()) {
    for (std::size_t i = 0; i < problems.size(); ++i) {
      outs_[i].gradient.resize(network.weights().size());
      outs_[i].state = problems[i]->state;
      outs_[i].dstate = problems[i]->dstate;
    }
  }
  void run(bool training) {
    const Pass pass{.pool = &pool_, .training = training};
    for (std::size_t i = 0; i < outs_.size(); ++i) {
      const Problem<float>& p = *problems_[i];
      Outcome<float>& out = outs_[i];
      network_.forward(pass, p.x, out.state.matrix(), out.y, *trace_);
      if (training)
        network_.backward(pass, p.x, out.y, p.dy, out.dstate.matrix(), &out.dx, out.gradient, *trace_);
    }
  }
  void recompute() {
    const Pass pass{.pool = &pool_, .training = true};
    Outcome<float>& out = outs_[0];
    recomputation_.forward(network_, pass, problems_[0]->x, out.state.matrix(), out.y, *trace_);
    recomputation_.backward(network_, pass, problems_[0]->x, problems_[0]->dy, out.dstate.matrix(),
                            out.gradient, *trace_);
  }

 private:
  const Network<float>& network_;
  std::vector<const Problem<float>*> problems_;
  std::vector<Outcome<float>> outs_;
  std::unique_ptr<Trace<float>> trace_;
  Recomputation<float> recomputation_;
  ThreadPool pool_{2};
};

TEST_P(Allocation, APassOfAShapeHadBeforeHasNone) {
  const auto [by, spec, batch] = GetParam();
  const Problem<float> longer({"longer", spec, 16}, std::vector<std::size_t>(batch, 200));
  const Problem<float> shorter({"shorter", spec, 16}, std::vector<std::size_t>(batch, 90));
  ASSERT_EQ(longer.network.schedule({2, batch}).by, by);
  for (const bool training : {false, true}) {
    Passes passes(longer.network, {&longer, &shorter});
    for (int turn = 0; turn < 3; ++turn) passes.run(training);
    const std::size_t before = allocations_of_all_threads();
    for (int turn = 0; turn < 3; ++turn) passes.run(training);
    EXPECT_EQ(allocations_of_all_threads(), before) << (training ? "training" : "inference");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Schedules, Allocation,
    ::testing::Values(Case{SharedBy::rows, "lstm 64, lstm 48, dense 3", 32},
                      Case{SharedBy::units, "lstm 200", 2}, Case{SharedBy::units, "gru 224", 1},
                      Case{SharedBy::steps, "min_lstm 96", 1}, Case{SharedBy::heads, "mlstm 96 heads=4", 1},
                      Case{SharedBy::directions, "bidirectional(lstm 96)", 1},
                      Case{SharedBy::layers, "lstm 96, lstm 96, dense 2", 1}),
    [](const auto& of) { return std::string(name(of.param.by)) + std::to_string(of.index); });

TEST(RecomputationAllocation, RecomputationOfAShapeHadBeforeHasNone) {
  const Problem<float> problem({"deep", "lstm 48, lstm 40, dense 2", 16}, {200, 130, 130, 7, 0});
  Passes passes(problem.network, {&problem});
  for (int turn = 0; turn < 2; ++turn) passes.recompute();
  const std::size_t before = allocations_of_all_threads();
  for (int turn = 0; turn < 3; ++turn) passes.recompute();
  EXPECT_EQ(allocations_of_all_threads(), before);
}

TEST(LocalRuleAllocation, StepsAndGradientsHaveNone) {
  LstmG<float> layer(lstm_wiring(2, 8, {}));
  layer.pack(std::vector<float>(layer.circuit().weights()), {});
  LocalRule<float> rule(layer);
  std::vector<float> x(2, 0.5f), state(layer.state_size()), y(8), gradient(layer.circuit().weights());
  const std::size_t before = allocations();
  rule.restart();
  for (int t = 0; t < 100; ++t) {
    rule.step(x, state, y);
    rule.add_gradient(y, gradient);
  }
  EXPECT_EQ(allocations(), before);
}

}  // namespace
}  // namespace carousel::testing
