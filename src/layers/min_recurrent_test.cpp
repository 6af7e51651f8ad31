// min_lstm and min_gru over time against plain loops written from the paper.
#include "layers/min_recurrent.h"

#include <gtest/gtest.h>

#include <cmath>

#include "layers/plain_loops_testing.h"

namespace carousel {
namespace {

using kernels::MinForm;

constexpr std::size_t F = 3, H = 5;

/// A step by the book, f' = f / (f + i) and i' = i / (f + i) for min_lstm. Also gives the gates as they are
/// recorded.
std::vector<double> plain_step(MinForm form, MinCandidate candidate, const std::vector<double>& weights,
                               std::span<const double> x, std::vector<double>& h) {
  const std::size_t parts = form == MinForm::lstm ? 3 : 2;
  const auto input = [&](std::size_t row) {
    double sum = weights[parts * H * F + row];
    for (std::size_t k = 0; k < F; ++k) sum += weights[row * F + k] * x[k];
    return sum;
  };
  std::vector<double> gates((form == MinForm::lstm ? 4 : 2) * H);
  for (std::size_t j = 0; j < H; ++j) {
    double g = input((parts - 1) * H + j), keep, take;
    if (candidate == MinCandidate::positive) g = g >= 0 ? g + 0.5 : logistic(g);
    gates[(parts - 1) * H + j] = g;
    if (form == MinForm::lstm) {
      const double i = gates[j] = logistic(input(j)), f = gates[H + j] = logistic(input(H + j));
      keep = f / (f + i);
      take = gates[3 * H + j] = i / (f + i);
    } else {
      take = gates[j] = logistic(input(j));
      keep = 1 - take;
    }
    h[j] = keep * h[j] + take * g;
  }
  return gates;
}

class MinRecurrentTest : public ::testing::TestWithParam<std::tuple<MinForm, MinCandidate>> {};

TEST_P(MinRecurrentTest, FollowsTheEquations) {
  const auto [form, candidate] = GetParam();
  MinRecurrent<double> layer(form, F, H, candidate, 1.0);
  ParameterTable table;
  layer.declare(table, "layers.0");
  std::vector<double> weights(table.size());
  fill(weights, 1, 0.8);
  layer.pack(weights, {});
  Sequences<double> x({900, 0, 2, 350}, F), y;  // more than one block
  fill(x.values(), 2);
  Tensor<double> state({4, layer.state_size()});
  fill(state.span(), 3);
  const Tensor<double> initial = state;
  ThreadPool pool(1);
  const auto trace = layer.make_trace();
  layer.forward({.pool = &pool, .record = true}, x, state.matrix(), y, *trace);

  std::vector<Recording<double>> recordings;
  layer.recordings(*trace, "layers.0", recordings);
  const std::string names = form == MinForm::lstm ? "ifgz" : "zg";
  ASSERT_EQ(recordings.size(), names.size());
  for (std::size_t b = 0; b < 4; ++b) {
    const auto row = initial.matrix().row_span(b);
    std::vector<double> h(row.begin(), row.begin() + H);
    for (std::size_t t = 0; t < x.layout().length(b); ++t) {
      const std::vector<double> gates = plain_step(form, candidate, weights, x.at(b, t), h);
      for (std::size_t j = 0; j < H; ++j) ASSERT_NEAR(y.at(b, t)[j], h[j], 1e-13) << b << ", step " << t;
      for (std::size_t gate = 0; gate < names.size(); ++gate) {
        EXPECT_EQ(recordings[gate].name, std::string("layers.0.") + names[gate]);
        for (std::size_t j = 0; j < H; ++j)
          ASSERT_NEAR(recordings[gate].values(x.layout().row(b, t), j), gates[gate * H + j], 1e-14);
      }
    }
    for (std::size_t j = 0; j < H; ++j) EXPECT_NEAR(state.matrix()(b, j), h[j], 1e-13) << b;
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, MinRecurrentTest,
                         ::testing::Combine(::testing::Values(MinForm::lstm, MinForm::gru),
                                            ::testing::Values(MinCandidate::linear, MinCandidate::positive)));

TEST(MinRecurrent, ParametersAreNamedAndBeginByRemembering) {
  for (const MinForm form : {MinForm::lstm, MinForm::gru}) {
    const std::size_t parts = form == MinForm::lstm ? 3 : 2;
    MinRecurrent<float> layer(form, F, H, MinCandidate::linear, 2.0);
    ParameterTable table;
    layer.declare(table, "layers.0");
    ASSERT_EQ(table.all().size(), 2u);
    EXPECT_EQ(table.all()[0].name, "layers.0.W");
    EXPECT_EQ(table.all()[0].shape, (Shape{parts * H, F}));
    EXPECT_EQ(table.all()[1].name, "layers.0.b");
    EXPECT_EQ(table.all()[1].shape, (Shape{parts * H}));
    std::vector<float> weights(table.size());
    layer.initialise(weights, 1);
    const float* b = weights.data() + table.all()[1].offset;
    EXPECT_EQ(b[0], -2.0f);
    EXPECT_EQ(b[H], form == MinForm::lstm ? 2.0f : 0.0f);
    EXPECT_EQ(b[(parts - 1) * H], 0.0f);
  }
}

}  // namespace
}  // namespace carousel
