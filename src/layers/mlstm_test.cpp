// The mLSTM against two oracles in plain loops: the recurrence as the paper has it, without a stabiliser, and
// the paper's parallel form, in which all steps look at all before them.
#include "layers/mlstm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "layers/plain_loops_testing.h"

namespace carousel {
namespace {

constexpr std::size_t F = 3, N = 2, D = 3, H = N * D;

/// Everything that a head gets at a step, by equations 22 to 27.
struct HeadInput {
  double q[D], k[D], v[D], o[D], i, log_f;
};

HeadInput head_input(const std::vector<double>& weights, ForgetActivation forget_activation,
                     std::span<const double> x, std::size_t head) {
  constexpr std::size_t P = 4 * H + 2 * N;
  const auto product = [&](std::size_t row) {
    double sum = 0;
    for (std::size_t k = 0; k < F; ++k) sum += weights[row * F + k] * x[k];
    return sum;
  };
  const auto affine = [&](std::size_t row) { return product(row) + weights[P * F + row]; };
  HeadInput in{};
  for (std::size_t j = 0; j < D; ++j) {
    const std::size_t unit = head * D + j;
    in.q[j] = affine(unit);
    in.k[j] = product(H + unit) / std::sqrt(static_cast<double>(D)) + weights[P * F + H + unit];
    in.v[j] = affine(2 * H + unit);
    in.o[j] = logistic(affine(3 * H + unit));
  }
  in.i = affine(4 * H + head);
  const double f = affine(4 * H + N + head);
  in.log_f = forget_activation == ForgetActivation::sigmoid ? std::log(logistic(f)) : f;
  return in;
}

/// Equations 19 to 21, from zero memory: h of every step [T, D].
std::vector<double> recurrent_form(const std::vector<HeadInput>& in) {
  double C[D][D] = {}, n[D] = {};
  std::vector<double> h;
  for (const HeadInput& at : in) {
    const double i = std::exp(at.i), f = std::exp(at.log_f);
    for (std::size_t j = 0; j < D; ++j) n[j] = f * n[j] + i * at.k[j];
    double overlap = 0;
    for (std::size_t j = 0; j < D; ++j) overlap += n[j] * at.q[j];
    for (std::size_t u = 0; u < D; ++u) {
      double read = 0;
      for (std::size_t j = 0; j < D; ++j) {
        C[u][j] = f * C[u][j] + i * at.v[u] * at.k[j];
        read += C[u][j] * at.q[j];
      }
      h.push_back(at.o[u] * read / std::max(std::abs(overlap), 1.0));
    }
  }
  return h;
}

/// Appendix A.3: h_t = o_t sum over s <= t of S_ts v_s / max(|sum of S_ts|, 1), with S_ts = (q_t . k_s)
/// exp(log f_{s+1} + ... + log f_t + i_s), each row divided by the exponential of its largest exponent.
std::vector<double> parallel_form(const std::vector<HeadInput>& in) {
  std::vector<double> h;
  for (std::size_t t = 0; t < in.size(); ++t) {
    std::vector<double> exponent(t + 1);
    double decay = 0, largest = -1e300;
    for (std::size_t s = t + 1; s-- > 0;) {
      exponent[s] = decay + in[s].i;
      largest = std::max(largest, exponent[s]);
      decay += in[s].log_f;
    }
    double sum = 0, read[D] = {};
    for (std::size_t s = 0; s <= t; ++s) {
      double score = 0;
      for (std::size_t j = 0; j < D; ++j) score += in[t].q[j] * in[s].k[j];
      score *= std::exp(exponent[s] - largest);
      sum += score;
      for (std::size_t u = 0; u < D; ++u) read[u] += score * in[s].v[u];
    }
    for (std::size_t u = 0; u < D; ++u)
      h.push_back(in[t].o[u] * read[u] / std::max(std::abs(sum), std::exp(-largest)));
  }
  return h;
}

/// A layer with random weights, and what it makes of a ragged batch from zero memory.
struct Made {
  explicit Made(ForgetActivation forget_activation, double limit, std::vector<std::size_t> lengths)
      : layer(F, H, N, forget_activation), x(std::move(lengths), F) {
    ParameterTable table;
    layer.declare(table, "layers.0");
    weights.resize(table.size());
    fill(weights, 1, limit);
    layer.pack(weights, {});
    fill(x.values(), 2);
    state.resize({x.layout().batch(), layer.state_size()});
    state.fill(0);
    trace = layer.make_trace();
    layer.forward({.pool = &pool, .training = true}, x, state.matrix(), y, *trace);
  }

  Mlstm<double> layer;
  std::vector<double> weights;
  Sequences<double> x, y;
  Tensor<double> state;
  ThreadPool pool{1};
  std::unique_ptr<Trace<double>> trace;
};

class MlstmTest : public ::testing::TestWithParam<ForgetActivation> {};

TEST_P(MlstmTest, FollowsTheEquationsInBothForms) {
  const Made made(GetParam(), 0.8, {40, 0, 2, 17});
  std::size_t divided = 0;  // by more than 1
  for (std::size_t b = 0; b < 4; ++b)
    for (std::size_t head = 0; head < N; ++head) {
      std::vector<HeadInput> in;
      for (std::size_t t = 0; t < made.x.layout().length(b); ++t)
        in.push_back(head_input(made.weights, GetParam(), made.x.at(b, t), head));
      const std::vector<double> one = recurrent_form(in), other = parallel_form(in);
      for (std::size_t t = 0; t < in.size(); ++t)
        for (std::size_t u = 0; u < D; ++u) {
          const double h = made.y.at(b, t)[head * D + u];
          EXPECT_NEAR(h, one[t * D + u], 1e-12) << b << ", step " << t;
          EXPECT_NEAR(h, other[t * D + u], 1e-12) << b << ", step " << t;
          divided += std::abs(one[t * D + u]) > 1e-3;
        }
    }
  EXPECT_GT(divided, 100u);
}

INSTANTIATE_TEST_SUITE_P(ForgetActivations, MlstmTest,
                         ::testing::Values(ForgetActivation::sigmoid, ForgetActivation::exponential));

/// Gates whose exponentials overflow: the stabilised recurrence still is the stabilised parallel form.
TEST(Mlstm, ExponentsBeyondTheRangeOfNumbersAreScaledAway) {
  Made made(ForgetActivation::exponential, 0.8, {30});
  for (const std::size_t row : {4 * H, 4 * H + 1}) made.weights[(4 * H + 2 * N) * F + row] = 2000;
  made.layer.pack(made.weights, {});
  made.state.fill(0);
  made.layer.forward({.pool = &made.pool}, made.x, made.state.matrix(), made.y, *made.trace);
  for (std::size_t head = 0; head < N; ++head) {
    std::vector<HeadInput> in;
    for (std::size_t t = 0; t < 30; ++t)
      in.push_back(head_input(made.weights, ForgetActivation::exponential, made.x.at(0, t), head));
    const std::vector<double> expected = parallel_form(in);
    for (std::size_t t = 0; t < 30; ++t)
      for (std::size_t u = 0; u < D; ++u) {
        const double h = made.y.at(0, t)[head * D + u];
        EXPECT_TRUE(std::isfinite(h));
        EXPECT_NEAR(h, expected[t * D + u], 1e-9 * (1 + std::abs(expected[t * D + u]))) << t;
      }
  }
}

TEST(Mlstm, ParametersAreNamedAndHeadsBeginWithDifferentMemories) {
  Mlstm<float> layer(F, H, N, ForgetActivation::sigmoid);
  ParameterTable table;
  layer.declare(table, "layers.0");
  ASSERT_EQ(table.all().size(), 2u);
  EXPECT_EQ(table.all()[0].name, "layers.0.W");
  EXPECT_EQ(table.all()[0].shape, (Shape{4 * H + 2 * N, F}));
  EXPECT_EQ(table.all()[1].name, "layers.0.b");
  EXPECT_EQ(table.all()[1].shape, (Shape{4 * H + 2 * N}));
  std::vector<float> weights(table.size());
  layer.initialise(weights, 1);
  const float* b = weights.data() + table.all()[1].offset;
  EXPECT_EQ(b[4 * H + N], 3.0f);
  EXPECT_EQ(b[4 * H + N + 1], 6.0f);
  EXPECT_EQ(b[4 * H], 0.0f);
}

}  // namespace
}  // namespace carousel
