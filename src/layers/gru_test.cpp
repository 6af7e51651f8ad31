// The GRU over time against plain loops written from its equations, in both forms.
#include <gtest/gtest.h>

#include <cmath>

#include "cells/gru_cell.h"
#include "layers/plain_loops_testing.h"
#include "layers/recurrent.h"

namespace carousel {
namespace {

constexpr std::size_t F = 3, H = 5;

/// A step by the book. weights: W [3H, F], R [3H, H], b [3H] in the order z, r, n, and where the reset comes
/// after the product b_Rn [H]. Also gives z, r and n, each [H].
std::vector<double> plain_step(bool after, const std::vector<double>& weights, std::span<const double> x,
                               std::vector<double>& h) {
  const double *W = weights.data(), *R = W + 3 * H * F, *b = R + 3 * H * H, *b_Rn = b + 3 * H;
  const auto input = [&](std::size_t row) {
    double sum = b[row];
    for (std::size_t k = 0; k < F; ++k) sum += W[row * F + k] * x[k];
    return sum;
  };
  const auto recurrent = [&](std::size_t row, const std::vector<double>& from) {
    double sum = 0;
    for (std::size_t k = 0; k < H; ++k) sum += R[row * H + k] * from[k];
    return sum;
  };
  std::vector<double> gates(3 * H), reset(H);
  for (std::size_t j = 0; j < 2 * H; ++j) gates[j] = logistic(input(j) + recurrent(j, h));
  for (std::size_t j = 0; j < H; ++j) reset[j] = gates[H + j] * h[j];
  for (std::size_t j = 0; j < H; ++j)
    gates[2 * H + j] =
        std::tanh(input(2 * H + j) +
                  (after ? gates[H + j] * (recurrent(2 * H + j, h) + b_Rn[j]) : recurrent(2 * H + j, reset)));
  for (std::size_t j = 0; j < H; ++j) h[j] = gates[j] * h[j] + (1 - gates[j]) * gates[2 * H + j];
  return gates;
}

template <GruReset kReset>
void follows_the_equations() {
  Recurrent<double> layer(std::make_unique<GruCell<double, kReset>>(F, H));
  ParameterTable table;
  layer.declare(table, "layers.0");
  std::vector<double> weights(table.size());
  fill(weights, 1, 0.8);
  layer.pack(weights, {});
  Sequences<double> x({6, 0, 2}, F), y;
  fill(x.values(), 2);
  Tensor<double> state({3, H});
  fill(state.span(), 3);
  const Tensor<double> initial = state;
  ThreadPool pool(1);
  const auto trace = layer.make_trace();
  layer.forward({.pool = &pool, .record = true}, x, state.matrix(), y, *trace);

  std::vector<Recording<double>> recordings;
  layer.recordings(*trace, "layers.0", recordings);
  ASSERT_EQ(recordings.size(), 3u);
  const std::vector<std::string> names = {"layers.0.z", "layers.0.r", "layers.0.n"};
  for (std::size_t b = 0; b < 3; ++b) {
    const auto row = initial.matrix().row_span(b);
    std::vector<double> h(row.begin(), row.end());
    for (std::size_t t = 0; t < x.layout().length(b); ++t) {
      const std::vector<double> gates = plain_step(kReset == GruReset::after, weights, x.at(b, t), h);
      for (std::size_t j = 0; j < H; ++j) EXPECT_NEAR(y.at(b, t)[j], h[j], 1e-14) << b << ", step " << t;
      for (const Recording<double>& recording : recordings) {
        const auto gate = static_cast<std::size_t>(std::ranges::find(names, recording.name) - names.begin());
        ASSERT_LT(gate, 3u) << recording.name;
        for (std::size_t j = 0; j < H; ++j)
          EXPECT_NEAR(recording.values(x.layout().row(b, t), j), gates[gate * H + j], 1e-14)
              << recording.name;
      }
    }
    for (std::size_t j = 0; j < H; ++j) EXPECT_NEAR(state.matrix()(b, j), h[j], 1e-14) << b;
  }
}

TEST(Gru, FollowsTheEquationsWithTheResetAfterTheProduct) { follows_the_equations<GruReset::after>(); }
TEST(Gru, FollowsTheEquationsWithTheResetBeforeTheProduct) { follows_the_equations<GruReset::before>(); }

TEST(Gru, ParametersAreNamed) {
  ParameterTable after, before;
  Recurrent<float>(std::make_unique<GruCell<float, GruReset::after>>(F, H)).declare(after, "layers.0");
  Recurrent<float>(std::make_unique<GruCell<float, GruReset::before>>(F, H)).declare(before, "layers.0");
  const std::vector<std::pair<std::string, Shape>> expected = {{"layers.0.W", {3 * H, F}},
                                                               {"layers.0.R", {3 * H, H}},
                                                               {"layers.0.b", {3 * H}},
                                                               {"layers.0.b_Rn", {H}}};
  ASSERT_EQ(after.all().size(), 4u);
  ASSERT_EQ(before.all().size(), 3u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(after.all()[i].name, expected[i].first);
    EXPECT_EQ(after.all()[i].shape, expected[i].second);
    if (i < 3) {
      EXPECT_EQ(before.all()[i].name, expected[i].first);
    }
  }
}

}  // namespace
}  // namespace carousel
