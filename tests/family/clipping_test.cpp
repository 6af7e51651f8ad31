// The limits of clip_gates, clip_cell and clip_projection against plain loops, with weights so large that
// each of them acts: values, and gradients as differences of the loops, which have none where a limit acts.
#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "contract/problem.h"
#include "family/plain_lstm.h"
#include "support/gradient_check.h"

namespace carousel::testing {
namespace {

struct Case {
  std::string name, spec;
  LstmLimits limits;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.spec; }

const std::vector<std::size_t> kLengths = {5, 0, 3};

struct Clipping : ::testing::TestWithParam<Case> {
  Clipping() {
    problem.network.update_weights([](std::span<double> weights) {
      fill(weights, 11);
      for (double& w : weights) w *= 1.5;
    });
  }

  /// Of one sequence: h of all steps, then the last h and c.
  std::vector<double> plain_run(std::size_t b, PlainLstm& plain) const {
    const std::size_t H = problem.network.outputs();
    const std::span<const double> start = problem.state.matrix().row_span(b);
    PlainLstm::State now{{start.begin(), start.begin() + static_cast<std::ptrdiff_t>(H)},
                         {start.begin() + static_cast<std::ptrdiff_t>(H), start.end()}};
    std::vector<double> all;
    for (std::size_t t = 0; t < kLengths[b]; ++t) {
      now = plain.step(problem.x.at(b, t), now.h, now.c);
      all.insert(all.end(), now.h.begin(), now.h.end());
    }
    all.insert(all.end(), now.h.begin(), now.h.end());
    all.insert(all.end(), now.c.begin(), now.c.end());
    return all;
  }
  /// The gradients that come from above, in the same order.
  std::vector<double> from_above(std::size_t b) const {
    std::vector<double> all;
    for (std::size_t t = 0; t < kLengths[b]; ++t)
      all.insert(all.end(), problem.dy.at(b, t).begin(), problem.dy.at(b, t).end());
    const std::span<const double> last = problem.dstate.matrix().row_span(b);
    all.insert(all.end(), last.begin(), last.end());
    return all;
  }
  /// limits_acted: how often any has.
  double plain_loss(std::size_t& limits_acted) const {
    PlainLstm plain(problem.network, GetParam().limits);
    double sum = 0;
    for (std::size_t b = 0; b < kLengths.size(); ++b) {
      const std::vector<double> values = plain_run(b, plain), above = from_above(b);
      sum = std::inner_product(values.begin(), values.end(), above.begin(), sum);
    }
    limits_acted = plain.clipped().gates + plain.clipped().cell + plain.clipped().projection;
    return sum;
  }

  Problem<double> problem{{"clipping", GetParam().spec, 3}, kLengths};
};

TEST_P(Clipping, ValuesAreThePlainLoops) {
  PlainLstm plain(problem.network, GetParam().limits);
  for (const bool training : {true, false}) {
    const Outcome<double> out = problem.run(1, training);
    for (std::size_t b = 0; b < kLengths.size(); ++b) {
      std::vector<double> found;
      for (std::size_t t = 0; t < kLengths[b]; ++t)
        found.insert(found.end(), out.y.at(b, t).begin(), out.y.at(b, t).end());
      const std::span<const double> last = out.state.matrix().row_span(b);
      found.insert(found.end(), last.begin(), last.end());
      const std::vector<double> expected = plain_run(b, plain);
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i)
        EXPECT_NEAR(found[i], expected[i], 1e-13) << b << ", " << i;
    }
  }
  // Both runs: each limit asked for acts on some of 8 steps of 6 cells, with 4 gates, and not on all.
  const auto acts_on_some = [](std::size_t clipped, double limit, std::size_t all) {
    return limit == kNever ? clipped == 0 : clipped > all / 10 && clipped < all * 9 / 10;
  };
  const PlainLstm::Clipped& clipped = plain.clipped();
  EXPECT_TRUE(acts_on_some(clipped.gates, GetParam().limits.gates, 2 * 8 * 24)) << clipped.gates;
  EXPECT_TRUE(acts_on_some(clipped.cell, GetParam().limits.cell, 2 * 8 * 6)) << clipped.cell;
  EXPECT_TRUE(acts_on_some(clipped.projection, GetParam().limits.projection, 2 * 8 * 4))
      << clipped.projection;
}

TEST_P(Clipping, GradientsAreThePlainLoopsDifferences) {
  const Outcome<double> out = problem.run(1);
  std::vector<double> weights(problem.network.weights().begin(), problem.network.weights().end());
  std::size_t unmoved = 0;
  plain_loss(unmoved);
  const auto value = [&] {
    std::size_t acted = 0;
    const double loss = plain_loss(acted);
    EXPECT_EQ(acted, unmoved);  // so that differences are taken on one side of every limit
    return loss;
  };
  EXPECT_TRUE(gradient_matches("weights", weights, out.gradient, [&] {
    problem.network.set_weights(weights);
    return value();
  }));
  problem.network.set_weights(weights);
  EXPECT_TRUE(gradient_matches("inputs", problem.x.values(), out.dx.values(), value));
  EXPECT_TRUE(gradient_matches("states", problem.state.span(), out.dstate.span(), value));
}

INSTANTIATE_TEST_SUITE_P(
    Limits, Clipping,
    ::testing::Values(
        Case{"Cell", "lstm 6 clip_cell=0.45", {kNever, 0.45, kNever}},
        Case{"CellSeenByPeepholes", "peephole 6 clip_cell=0.45", {kNever, 0.45, kNever}},
        Case{"Gates", "lstm 6 clip_gates=0.9", {0.9, kNever, kNever}},
        Case{"GatesWithPeepholes", "peephole 6 clip_gates=0.9", {0.9, kNever, kNever}},
        Case{"Projection", "projected 6 projection=4 clip_projection=0.25", {kNever, kNever, 0.25}},
        Case{"All",
             "peephole 6 projection=4 clip_projection=0.2 clip_cell=0.4 clip_gates=0.9",
             {0.9, 0.4, 0.2}}),
    [](const auto& c) { return c.param.name; });

}  // namespace
}  // namespace carousel::testing
