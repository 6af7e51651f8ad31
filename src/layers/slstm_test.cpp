// The sLSTM over time against plain loops written from the paper's equations, without a stabiliser.
#include <gtest/gtest.h>

#include <cmath>

#include "cells/slstm_cell.h"
#include "layers/plain_loops_testing.h"
#include "layers/recurrent.h"

namespace carousel {
namespace {

constexpr std::size_t F = 3, N = 2, D = 3, H = N * D;

/// What a unit remembers.
struct Unit {
  double c = 0, n = 0, h = 0;
};

/// Equations 8 to 14 for all units. weights: W [4H, F], R [4H, D], b [4H], head by head i, f, z, o.
void plain_step(const std::vector<double>& weights, ForgetActivation forget_activation,
                std::span<const double> x, std::vector<Unit>& units) {
  const double *W = weights.data(), *R = W + 4 * H * F, *b = R + 4 * H * D;
  const std::vector<Unit> before = units;
  for (std::size_t head = 0; head < N; ++head)
    for (std::size_t j = 0; j < D; ++j) {
      double a[4];
      for (std::size_t gate = 0; gate < 4; ++gate) {
        const std::size_t row = head * 4 * D + gate * D + j;
        a[gate] = b[row];
        for (std::size_t k = 0; k < F; ++k) a[gate] += W[row * F + k] * x[k];
        for (std::size_t k = 0; k < D; ++k) a[gate] += R[row * D + k] * before[head * D + k].h;
      }
      Unit& unit = units[head * D + j];
      const double i = std::exp(a[0]),
                   f = forget_activation == ForgetActivation::sigmoid ? logistic(a[1]) : std::exp(a[1]);
      unit.c = f * unit.c + i * std::tanh(a[2]);
      unit.n = f * unit.n + i;
      unit.h = logistic(a[3]) * unit.c / unit.n;
    }
}

class SlstmTest : public ::testing::TestWithParam<ForgetActivation> {};

TEST_P(SlstmTest, FollowsTheEquationsFromEmptyMemory) {
  Recurrent<double> layer(std::make_unique<SlstmCell<double>>(F, H, N, GetParam()));
  ParameterTable table;
  layer.declare(table, "layers.0");
  std::vector<double> weights(table.size());
  fill(weights, 1, 0.8);
  layer.pack(weights, {});
  Sequences<double> x({30, 0, 2, 11}, F), y;
  fill(x.values(), 2);
  Tensor<double> state({4, layer.state_size()});
  ThreadPool pool(1);
  const auto trace = layer.make_trace();
  layer.forward({.pool = &pool, .record = true}, x, state.matrix(), y, *trace);

  std::vector<Recording<double>> recordings;
  layer.recordings(*trace, "layers.0", recordings);
  ASSERT_EQ(recordings.size(), 3u);
  EXPECT_EQ(recordings[0].name, "layers.0.c");
  EXPECT_EQ(recordings[1].name, "layers.0.n");
  EXPECT_EQ(recordings[2].name, "layers.0.m");
  for (std::size_t b = 0; b < 4; ++b) {
    std::vector<Unit> units(H);
    for (std::size_t t = 0; t < x.layout().length(b); ++t) {
      plain_step(weights, GetParam(), x.at(b, t), units);
      const std::size_t row = x.layout().row(b, t);
      for (std::size_t j = 0; j < H; ++j) {
        EXPECT_NEAR(y.at(b, t)[j], units[j].h, 1e-13) << b << ", step " << t;
        const double scale = std::exp(recordings[2].values(row, j));
        EXPECT_NEAR(recordings[0].values(row, j) * scale, units[j].c, 1e-12 * (1 + std::abs(units[j].c)));
        EXPECT_NEAR(recordings[1].values(row, j) * scale, units[j].n, 1e-12 * units[j].n);
      }
    }
    for (std::size_t j = 0; j < H; ++j) EXPECT_NEAR(state.matrix()(b, j), units[j].h, 1e-13) << b;
  }
}

INSTANTIATE_TEST_SUITE_P(ForgetActivations, SlstmTest,
                         ::testing::Values(ForgetActivation::sigmoid, ForgetActivation::exponential));

TEST(Slstm, ParametersAreNamedAndBeginByRemembering) {
  Recurrent<float> layer(std::make_unique<SlstmCell<float>>(F, H, N, ForgetActivation::sigmoid));
  ParameterTable table;
  layer.declare(table, "layers.0");
  const std::vector<std::pair<std::string, Shape>> expected = {
      {"layers.0.W", {4 * H, F}}, {"layers.0.R", {4 * H, D}}, {"layers.0.b", {4 * H}}};
  ASSERT_EQ(table.all().size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(table.all()[i].name, expected[i].first);
    EXPECT_EQ(table.all()[i].shape, expected[i].second);
  }
  std::vector<float> weights(table.size());
  layer.initialise(weights, 1);
  const float* b = weights.data() + table.all()[2].offset;
  for (std::size_t row = 0; row < 4 * H; ++row) EXPECT_EQ(b[row], row / D % 4 == 1 ? 1.0f : 0.0f) << row;
}

}  // namespace
}  // namespace carousel
