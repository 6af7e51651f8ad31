// What the family's members must agree with outside: the published sizes of the 1997 experiments, the layouts
// of other systems, and the plain LSTM.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "contract/problem.h"
#include "model/network.h"

namespace carousel::testing {
namespace {

std::size_t weights_of(const std::string& spec, std::size_t inputs) {
  return Network<float>(spec, inputs).weights().size();
}

// Hochreiter & Schmidhuber, Neural Computation 9, 1997, section 5: "# weights" of its tables.
TEST(Lstm1997, HasTheParametersOfThePublishedExperiments) {
  // Embedded Reber grammar, 7 symbols: only gates biased, outputs see cells alone.
  EXPECT_EQ(weights_of("lstm_1997 4 bias=gates, dense 7 bias=off", 7), 264u);
  EXPECT_EQ(weights_of("lstm_1997 6 cells_per_block=2 bias=gates, dense 7 bias=off", 7), 276u);
  // Adding problem: two blocks of two cells.
  EXPECT_EQ(weights_of("lstm_1997 4 cells_per_block=2, dense 1", 2), 93u);
  // Long lag with 100 local regularities: one cell and its input gate, which see the inputs alone, no output
  // gate; outputs see inputs and the cell.
  EXPECT_EQ(weights_of("parallel(dropout 0, lstm_1997 1 output_gate=off gate_recurrence=none feedback=none "
                       "bias=none), dense 101 bias=off",
                       101),
            10504u);
  // Temporal order with two and three symbols that count.
  EXPECT_EQ(weights_of("lstm_1997 4 cells_per_block=2, dense 4", 8), 156u);
  EXPECT_EQ(weights_of("lstm_1997 6 cells_per_block=2, dense 8", 8), 308u);
  // Two-sequence problem with noise.
  EXPECT_EQ(weights_of("lstm_1997 3, dense 1 bias=off", 1), 102u);
}

TEST(LstmOptions, AllAtThePlainValuesGiveLstmToTheBit) {
  const std::string all =
      "lstm 7 input_gate=on forget_gate=on output_gate=on peephole=none output_peephole=current "
      "feedback=hidden "
      "gate_recurrence=none cells_per_block=1 gate_activation=sigmoid input_activation=tanh "
      "output_activation=tanh projection=0 clip_cell=off clip_projection=off clip_gates=off layer_norm=off "
      "bias=all forget_bias=1 chrono=off "
      "recurrent_start=uniform "
      "variational_dropout=0 zoneout_hidden=0 zoneout_cell=0 drop_connect=0 weight_noise=0 learned_start=off";
  for (const std::string& spec : {all, std::string("no_peepholes 7"), std::string("lstm 7 clip_cell=1e30")}) {
    const Problem<float> plain({"lstm", "lstm 7", 3}, ragged(9)), other({"other", spec, 3}, ragged(9));
    ASSERT_TRUE(same_bits(plain.network.weights(), other.network.weights()));
    expect_same(plain.run(2), other.run(2), spec);
  }
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

std::vector<double> random_values(std::size_t n, std::uint64_t stream) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = Random(4, stream).uniform(i, -1, 1);
  return values;
}

/// Keras holds kernels as [inputs, gates * units]; ours are their transposes.
void transpose_into(const std::vector<double>& kernel, std::size_t inputs, std::size_t columns,
                    double* ours) {
  for (std::size_t k = 0; k < inputs; ++k)
    for (std::size_t n = 0; n < columns; ++n) ours[n * inputs + k] = kernel[k * columns + n];
}

constexpr std::size_t F = 3, H = 4, T = 6;

/// Outputs of `spec` with the weights that `fill` writes.
template <class Number, class Fill>
Sequences<Number> outputs_of(const std::string& spec, const Sequences<Number>& x, Fill&& fill) {
  Network<Number> network(spec, x.features());
  network.update_weights([&](std::span<Number> weights) { fill(weights.data()); });
  Sequences<Number> y;
  Tensor<Number> state = network.start(x.layout().batch());
  ThreadPool pool(1);
  const auto trace = network.make_trace();
  network.forward({.pool = &pool}, x, state.matrix(), y, *trace);
  return y;
}

/// The same of one sequence x [any number of steps, F].
template <class Fill>
std::vector<double> outputs_of(const std::string& spec, const std::vector<double>& x, Fill&& fill) {
  Sequences<double> in(std::vector<std::size_t>{x.size() / F}, F);
  std::ranges::copy(x, in.values().begin());
  const Sequences<double> y = outputs_of<double>(spec, in, fill);
  return {y.values().begin(), y.values().end()};
}

// keras.layers.LSTM: gates i, f, c, o side by side; one bias.
TEST(Keras, LstmIsOursWithItsKernelsTransposed) {
  const auto kernel = random_values(F * 4 * H, 1), recurrent = random_values(H * 4 * H, 2),
             b = random_values(4 * H, 3), x = random_values(T * F, 4);
  std::vector<double> h(H), c(H), expected;
  for (std::size_t t = 0; t < T; ++t) {
    std::vector<double> z(b);
    for (std::size_t n = 0; n < 4 * H; ++n) {
      for (std::size_t k = 0; k < F; ++k) z[n] += x[t * F + k] * kernel[k * 4 * H + n];
      for (std::size_t k = 0; k < H; ++k) z[n] += h[k] * recurrent[k * 4 * H + n];
    }
    for (std::size_t j = 0; j < H; ++j) {
      c[j] = sigmoid(z[H + j]) * c[j] + sigmoid(z[j]) * std::tanh(z[2 * H + j]);
      h[j] = sigmoid(z[3 * H + j]) * std::tanh(c[j]);
    }
    expected.insert(expected.end(), h.begin(), h.end());
  }
  const auto found = outputs_of("lstm 4", x, [&](double* w) {
    transpose_into(kernel, F, 4 * H, w);
    transpose_into(recurrent, H, 4 * H, w + 4 * H * F);
    std::ranges::copy(b, w + 4 * H * (F + H));
  });
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-14) << i;
}

// keras.layers.GRU: gates z, r, h; with reset_after two biases [2, 3 units], without one.
TEST(Keras, GruIsOursBothWays) {
  const auto kernel = random_values(F * 3 * H, 5), recurrent = random_values(H * 3 * H, 6),
             b = random_values(6 * H, 7), x = random_values(T * F, 8);
  for (const bool after : {true, false}) {
    std::vector<double> h(H), expected;
    for (std::size_t t = 0; t < T; ++t) {
      std::vector<double> a(b.begin(), b.begin() + 3 * H), s(3 * H), reset(H), next(H);
      for (std::size_t n = 0; n < 3 * H; ++n) {
        for (std::size_t k = 0; k < F; ++k) a[n] += x[t * F + k] * kernel[k * 3 * H + n];
        if (after) s[n] = b[3 * H + n];
        for (std::size_t k = 0; k < H && (after || n < 2 * H); ++k) s[n] += h[k] * recurrent[k * 3 * H + n];
      }
      for (std::size_t j = 0; j < H; ++j) reset[j] = sigmoid(a[H + j] + s[H + j]);
      for (std::size_t j = 0; j < H; ++j) {
        double candidate = reset[j] * s[2 * H + j];
        if (!after) {
          candidate = 0;
          for (std::size_t k = 0; k < H; ++k) candidate += reset[k] * h[k] * recurrent[k * 3 * H + 2 * H + j];
        }
        const double z = sigmoid(a[j] + s[j]);
        next[j] = z * h[j] + (1 - z) * std::tanh(a[2 * H + j] + candidate);
      }
      h = next;
      expected.insert(expected.end(), h.begin(), h.end());
    }
    const auto found = outputs_of(after ? "gru 4" : "gru 4 reset=before", x, [&](double* w) {
      transpose_into(kernel, F, 3 * H, w);
      transpose_into(recurrent, H, 3 * H, w + 3 * H * F);
      double* const bias = w + 3 * H * (F + H);
      for (std::size_t n = 0; n < 3 * H; ++n) bias[n] = b[n] + (after && n < 2 * H ? b[3 * H + n] : 0);
      if (after) std::copy_n(b.begin() + 5 * H, H, bias + 3 * H);
    });
    for (std::size_t i = 0; i < found.size(); ++i)
      EXPECT_NEAR(found[i], expected[i], 1e-14) << after << ", " << i;
  }
}

/// Over images of one position, and along lines in place of time: more of them than md_lstm takes at a time.
template <class Number>
void expect_the_lstm_where_there_is_no_space() {
  constexpr std::size_t B = 11;
  const std::vector<double> weights = random_values(4 * H * (F + H + 1), 8);
  const auto fill = [&](Number* to) {
    for (const double w : weights) *to++ = static_cast<Number>(w);
  };
  Sequences<Number> x(std::vector<std::size_t>(B, T), F), lines({4, 0, 6, 1}, T * F);
  const std::vector<double> values = random_values(B * T * F, 7);
  std::ranges::transform(values, x.values().begin(), [](double v) { return static_cast<Number>(v); });
  for (std::size_t b = 0; b < B; ++b)
    for (std::size_t t = 0; t < T; ++t) std::ranges::copy(x.at(b, t), lines.matrix().row(b) + t * F);
  const Sequences<Number> lstm = outputs_of("lstm 4", x, fill);
  const Sequences<Number> at_one_position =
      outputs_of("conv_lstm 4 size=1 kernel=1 recurrent_kernel=1", x, fill);
  EXPECT_TRUE(same_bits(at_one_position.values(), lstm.values()));
  const Sequences<Number> along_lines = outputs_of("md_lstm 4 size=6 directions=one", lines, fill);
  for (std::size_t b = 0; b < B; ++b)
    for (std::size_t t = 0; t < T; ++t)
      EXPECT_TRUE(same_bits(along_lines.matrix().row_span(b).subspan(t * H, H), lstm.at(b, t)))
          << b << ", " << t;
}

TEST(MemoryOverSpace, IsTheLstmToTheBitWhereThereIsNoSpace) {
  expect_the_lstm_where_there_is_no_space<double>();
  expect_the_lstm_where_there_is_no_space<float>();
}

TEST(FirstValues, OrthogonalWeightsAreOrthonormalForEachGate) {
  const Network<double> network("lstm 20 recurrent_start=orthogonal", 3, 7);
  const Parameter& R = network.parameters().all()[1];
  ASSERT_TRUE(R.name.ends_with(".R"));
  for (std::size_t gate = 0; gate < 4; ++gate)
    for (std::size_t a = 0; a < 20; ++a)
      for (std::size_t b = 0; b < 20; ++b) {
        double sum = 0;
        for (std::size_t k = 0; k < 20; ++k)
          sum += network.weights()[R.offset + (gate * 20 + a) * 20 + k] *
                 network.weights()[R.offset + (gate * 20 + b) * 20 + k];
        EXPECT_NEAR(sum, a == b ? 1 : 0, 1e-14);
      }
}

// Tallec & Ollivier 2018: b_f = log of lags uniform in [1, T - 1], b_i = -b_f.
TEST(FirstValues, ChronoBiasesAreLogarithmsOfLags) {
  const std::size_t hidden = 2000;
  const Network<double> network("lstm 2000 chrono=500", 1, 3);
  const std::span<const double> b = network.weights().last(4 * hidden);
  double sum = 0;
  for (std::size_t j = 0; j < hidden; ++j) {
    EXPECT_EQ(b[j], -b[hidden + j]);
    const double lag = std::exp(b[hidden + j]);
    EXPECT_GE(lag, 1 - 1e-12);
    EXPECT_LE(lag, 499 + 1e-9);
    sum += lag;
  }
  EXPECT_NEAR(sum / hidden, 250, 10);
}

}  // namespace
}  // namespace carousel::testing
