// The simple recurrent network over time against plain loops written from its equation.
#include <gtest/gtest.h>

#include <cmath>

#include "cells/rnn_cell.h"
#include "layers/plain_loops_testing.h"
#include "layers/recurrent.h"

namespace carousel {
namespace {

constexpr std::size_t F = 3, H = 5;

class RnnTest : public ::testing::TestWithParam<RnnActivation> {};

TEST_P(RnnTest, FollowsTheEquation) {
  Recurrent<double> layer(std::make_unique<RnnCell<double>>(F, H, GetParam()));
  ParameterTable table;
  layer.declare(table, "layers.0");
  std::vector<double> weights(table.size());
  fill(weights, 1, 0.6);
  layer.pack(weights, {});
  Sequences<double> x({6, 0, 2}, F), y;
  fill(x.values(), 2);
  Tensor<double> state({3, H});
  fill(state.span(), 3);
  const Tensor<double> initial = state;
  ThreadPool pool(1);
  const auto trace = layer.make_trace();
  layer.forward({.pool = &pool}, x, state.matrix(), y, *trace);

  const double *W = weights.data(), *R = W + H * F, *b = R + H * H;
  for (std::size_t s = 0; s < 3; ++s) {
    const auto row = initial.matrix().row_span(s);
    std::vector<double> h(row.begin(), row.end());
    for (std::size_t t = 0; t < x.layout().length(s); ++t) {
      std::vector<double> next(b, b + H);
      for (std::size_t j = 0; j < H; ++j) {
        for (std::size_t k = 0; k < F; ++k) next[j] += W[j * F + k] * x.at(s, t)[k];
        for (std::size_t k = 0; k < H; ++k) next[j] += R[j * H + k] * h[k];
        next[j] = GetParam() == RnnActivation::tanh ? std::tanh(next[j]) : std::max(next[j], 0.0);
      }
      h = next;
      for (std::size_t j = 0; j < H; ++j) EXPECT_NEAR(y.at(s, t)[j], h[j], 1e-14) << s << ", step " << t;
    }
    for (std::size_t j = 0; j < H; ++j) EXPECT_NEAR(state.matrix()(s, j), h[j], 1e-14) << s;
  }
}

TEST_P(RnnTest, ParametersAreNamedAndReluBeginsByKeepingWhatItHas) {
  Recurrent<float> layer(std::make_unique<RnnCell<float>>(F, H, GetParam()));
  ParameterTable table;
  layer.declare(table, "layers.0");
  const std::vector<std::pair<std::string, Shape>> expected = {
      {"layers.0.W", {H, F}}, {"layers.0.R", {H, H}}, {"layers.0.b", {H}}};
  ASSERT_EQ(table.all().size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(table.all()[i].name, expected[i].first);
    EXPECT_EQ(table.all()[i].shape, expected[i].second);
  }
  std::vector<float> weights(table.size());
  layer.initialise(weights, 1);
  const float* R = weights.data() + table.all()[1].offset;
  bool identity = true;
  for (std::size_t i = 0; i < H * H; ++i) identity = identity && R[i] == (i % (H + 1) == 0 ? 1.0f : 0.0f);
  EXPECT_EQ(identity, GetParam() == RnnActivation::relu);
}

INSTANTIATE_TEST_SUITE_P(Activations, RnnTest, ::testing::Values(RnnActivation::tanh, RnnActivation::relu));

}  // namespace
}  // namespace carousel
