#include "kernels/lstm_gates.h"

#include <algorithm>

#include "kernels/activations.h"
#include "kernels/kernel_testing.h"
#include "kernels/lstm_policies.h"

namespace carousel::kernels {
namespace {

/// Some rows of a step: what goes in and what comes out.
template <class T>
struct Step {
  Step(std::size_t hidden, std::uint64_t seed, double scale = 4, std::size_t B = 1)
      : H(hidden),
        rows(B),
        gates(random_values<T>(B * 4 * hidden, seed, scale)),
        c_previous(random_values<T>(B * hidden, seed + 1, 2)),
        c(B * hidden),
        h(B * hidden),
        dh(random_values<T>(B * hidden, seed + 2)),
        dc(random_values<T>(B * hidden, seed + 3)),
        dgates(B * 4 * hidden) {}

  void forward() { forward(0, rows, 0, H); }
  void forward(std::size_t row, std::size_t count, std::size_t unit, std::size_t units) {
    lstm_gates_forward<T>(
        plain_lstm_forward<T>(H, {gates.data(), 4 * H}, {c_previous.data(), H}, {c.data(), H}, {h.data(), H}),
        row, count, unit, units);
  }
  void backward() { backward(0, rows, 0, H); }
  void backward(std::size_t row, std::size_t count, std::size_t unit, std::size_t units) {
    lstm_gates_backward<T>(
        plain_lstm_backward<T>(H, {gates.data(), 4 * H}, {c_previous.data(), H}, {c.data(), H},
                               {dh.data(), H}, {dc.data(), H}, {dgates.data(), 4 * H}),
        row, count, unit, units);
  }

  std::size_t H, rows;
  Guarded<T> gates, c_previous, c, h, dh, dc, dgates;
};

TYPED_TEST_SUITE(KernelTest, Types);

TYPED_TEST(KernelTest, GatesGiveTheSameBitsOnEveryTargetAtEverySize) {
  using T = TypeParam;
  const std::vector<T> special = special_values<T>();
  for (std::size_t hidden = 1; hidden <= 130; ++hidden) {
    Step<T> start(hidden, hidden);
    if (hidden % 5 == 0) {
      for (std::size_t j = 0; j < 4 * hidden; j += 3) start.gates[j] = special[j % special.size()];
      start.c_previous[hidden / 2] = -std::numeric_limits<T>::quiet_NaN();
    }
    Step<T> expected(start);
    {
      const ForcedTarget scalar("SCALAR");
      expected.forward();
      expected.backward();
    }
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      Step<T> found(start);
      found.forward();
      found.backward();
      ASSERT_TRUE(same_bits(expected.gates, found.gates)) << "gates, " << target;
      ASSERT_TRUE(same_bits(expected.c, found.c)) << "c, " << target;
      ASSERT_TRUE(same_bits(expected.h, found.h)) << "h, " << target;
      ASSERT_TRUE(same_bits(expected.dc, found.dc)) << "dc, " << target;
      ASSERT_TRUE(same_bits(expected.dgates, found.dgates)) << "dgates, " << target;
      ASSERT_TRUE(same_bits(start.dh, found.dh)) << "dh, " << target;
      ASSERT_TRUE(same_bits(start.c_previous, found.c_previous)) << "c_previous, " << target;
    }
  }
}

TYPED_TEST(KernelTest, GatesForwardIsItsEquations) {
  using T = TypeParam;
  const std::size_t hidden = 37;
  Step<T> step(hidden, 11);
  const Guarded<T> x(step.gates);
  step.forward();
  for (std::size_t j = 0; j < hidden; ++j) {
    T i = x[j], f = x[hidden + j], g = x[2 * hidden + j], o = x[3 * hidden + j];
    sigmoid(&i, &i, 1);
    sigmoid(&f, &f, 1);
    tanh(&g, &g, 1);
    sigmoid(&o, &o, 1);
    const T c = std::fma(f, step.c_previous[j], i * g);
    T squashed = c;
    tanh(&squashed, &squashed, 1);
    EXPECT_TRUE(same_bits(i, step.gates[j]));
    EXPECT_TRUE(same_bits(f, step.gates[hidden + j]));
    EXPECT_TRUE(same_bits(g, step.gates[2 * hidden + j]));
    EXPECT_TRUE(same_bits(o, step.gates[3 * hidden + j]));
    EXPECT_TRUE(same_bits(c, step.c[j]));
    EXPECT_TRUE(same_bits(o * squashed, step.h[j]));
  }
}

TYPED_TEST(KernelTest, GatesForwardMayWriteTheStateInPlace) {
  using T = TypeParam;
  Step<T> apart(45, 3), in_place(45, 3);
  apart.forward();
  T* const state = in_place.c_previous.data();
  lstm_gates_forward<T>(plain_lstm_forward<T>(45, {in_place.gates.data(), 180}, {state, 45}, {state, 45},
                                              {in_place.h.data(), 45}),
                        0, 1, 0, 45);
  EXPECT_TRUE(same_bits(apart.c, in_place.c_previous));
  EXPECT_TRUE(same_bits(apart.h, in_place.h));
}

TYPED_TEST(KernelTest, GatesOfPartsOfRowsAreThoseOfTheWhole) {
  using T = TypeParam;
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    for (const std::size_t hidden : {1, 16, 37}) {
      Step<T> whole(hidden, 5, 4, 7), parts(hidden, 5, 4, 7);
      whole.forward();
      whole.backward();
      for (const auto& [row, rows] : {std::pair<std::size_t, std::size_t>{0, 3}, {3, 4}})
        for (std::size_t unit = 0; unit < hidden; unit += 5) {
          const std::size_t units = std::min<std::size_t>(5, hidden - unit);
          parts.forward(row, rows, unit, units);
          parts.backward(row, rows, unit, units);
        }
      EXPECT_TRUE(same_bits(whole.gates, parts.gates)) << target;
      EXPECT_TRUE(same_bits(whole.h, parts.h)) << target;
      EXPECT_TRUE(same_bits(whole.dgates, parts.dgates)) << target;
      EXPECT_TRUE(same_bits(whole.dc, parts.dc)) << target;
    }
  }
}

/// L = dh . h + dc . c, by the C library.
long double loss(const Step<double>& at, const std::vector<long double>& x,
                 const std::vector<long double>& c_previous) {
  const std::size_t hidden = c_previous.size();
  const auto squash = [](long double v) { return 1 / (1 + std::exp(-v)); };
  long double sum = 0;
  for (std::size_t j = 0; j < hidden; ++j) {
    const long double c = squash(x[hidden + j]) * c_previous[j] + squash(x[j]) * std::tanh(x[2 * hidden + j]);
    sum += at.dh[j] * squash(x[3 * hidden + j]) * std::tanh(c) + at.dc[j] * c;
  }
  return sum;
}

TEST(LstmGates, BackwardAgreesWithCentralDifferences) {
  const std::size_t hidden = 19;
  Step<double> step(hidden, 21, 2);
  const Step<double> start(step);
  step.forward();
  step.backward();
  std::vector<long double> x(start.gates.begin(), start.gates.end());
  std::vector<long double> c(start.c_previous.begin(), start.c_previous.end());
  const auto slope = [&](long double& v) {
    constexpr long double step_size = 1e-5L;
    const long double middle = v;
    v = middle + step_size;
    const long double above = loss(start, x, c);
    v = middle - step_size;
    const long double below = loss(start, x, c);
    v = middle;
    return static_cast<double>((above - below) / (2 * step_size));
  };
  for (std::size_t j = 0; j < 4 * hidden; ++j) {
    const double expected = slope(x[j]);
    EXPECT_NEAR(step.dgates[j], expected, 1e-9 * (1 + std::abs(expected))) << "gate " << j;
  }
  for (std::size_t j = 0; j < hidden; ++j) {
    const double expected = slope(c[j]);
    EXPECT_NEAR(step.dc[j], expected, 1e-9 * (1 + std::abs(expected))) << "c " << j;
  }
}

TEST(LstmGates, FloatIsCloseToDouble) {
  const std::size_t hidden = 64;
  Step<float> single(hidden, 8);
  Step<double> twice(hidden, 8);
  std::copy(single.gates.begin(), single.gates.end(), twice.gates.begin());
  std::copy(single.c_previous.begin(), single.c_previous.end(), twice.c_previous.begin());
  std::copy(single.dh.begin(), single.dh.end(), twice.dh.begin());
  std::copy(single.dc.begin(), single.dc.end(), twice.dc.begin());
  single.forward();
  twice.forward();
  single.backward();
  twice.backward();
  for (std::size_t j = 0; j < hidden; ++j) {
    EXPECT_NEAR(single.h[j], twice.h[j], 1e-6);
    EXPECT_NEAR(single.dc[j], twice.dc[j], 1e-6);
  }
  for (std::size_t j = 0; j < 4 * hidden; ++j) EXPECT_NEAR(single.dgates[j], twice.dgates[j], 2e-6);
}

// ---- policies ----

/// All that there are, as whole steps.
std::vector<LstmPolicy> policies() {
  std::vector<LstmPolicy> result;
  for (std::size_t s = 0; s < kStatePolicies; ++s)
    for (std::size_t o = 0; o < kOutputPolicies; ++o) {
      const LstmPolicy policy{state_policy(s), output_policy(o)};
      if (exists(policy.state) && exists(policy.output) && policy.state.activated == policy.output.activated)
        result.push_back(policy);
    }
  return result;
}

/// Two rows of a step of any policy, everything in one block of numbers for each name.
template <class T>
struct AnyStep {
  AnyStep(const LstmPolicy& which, std::size_t hidden, std::uint64_t seed)
      : policy(which),
        H(hidden),
        D(which.state.dimensions),
        i(random_values<T>(2 * H, seed, 3)),
        f(random_values<T>(2 * D * H, seed + 1, 3)),
        g(random_values<T>(2 * H, seed + 2, 3)),
        o(random_values<T>(2 * H, seed + 3, 3)),
        p(random_values<T>((2 + D) * H, seed + 4, 1)),
        before(random_values<T>(2 * D * H, seed + 5, 1)),
        c(2 * H),
        h(2 * H),
        output(random_values<T>(2 * H, seed + 6, 1)),
        dh(random_values<T>(2 * H, seed + 7, 1)),
        dc(random_values<T>(2 * H, seed + 8, 1)),
        d_before(2 * D * H),
        di(2 * H),
        df(2 * D * H),
        dg(2 * H),
        d_o(2 * H),
        d_output(2 * H) {}

  void run() {
    const LstmForward<T> forward{policy,
                                 H,
                                 rows(i),
                                 rows(f, D),
                                 rows(g),
                                 rows(o),
                                 {p.data(), 0},
                                 {p.data() + H, 0},
                                 {p.data() + (1 + D) * H, 0},
                                 {before.data(), D * H},
                                 rows(c),
                                 rows(h),
                                 {output.data(), H},
                                 clip};
    lstm_gates_forward(forward, 0, 2, 0, H);
    const LstmBackward<T> backward{policy,
                                   H,
                                   {i.data(), H},
                                   {f.data(), D * H},
                                   {g.data(), H},
                                   {o.data(), H},
                                   {p.data(), 0},
                                   {p.data() + H, 0},
                                   {p.data() + (1 + D) * H, 0},
                                   {before.data(), D * H},
                                   {c.data(), H},
                                   {dh.data(), H},
                                   rows(dc),
                                   rows(d_before, D),
                                   rows(di),
                                   rows(df, D),
                                   rows(dg),
                                   rows(d_o),
                                   {output.data(), H},
                                   rows(d_output),
                                   clip};
    lstm_gates_backward(backward, 0, 2, 0, H);
  }
  Rows<T> rows(Guarded<T>& values, std::size_t wide = 1) { return {values.data(), wide * H}; }

  LstmPolicy policy;
  std::size_t H, D;
  T clip = T(0.9);
  Guarded<T> i, f, g, o, p, before, c, h, output, dh, dc, d_before, di, df, dg, d_o, d_output;
};

TYPED_TEST(KernelTest, EveryPolicyGivesTheSameBitsOnEveryTarget) {
  using T = TypeParam;
  for (const LstmPolicy& policy : policies())
    for (const std::size_t hidden : {1, 3, 16, 37}) {
      const AnyStep<T> start(policy, hidden, hidden);
      AnyStep<T> expected(start);
      {
        const ForcedTarget scalar("SCALAR");
        expected.run();
      }
      for (const std::string& target : available_targets()) {
        const ForcedTarget forced(target);
        AnyStep<T> found(start);
        found.run();
        for (const auto part :
             {&AnyStep<T>::i, &AnyStep<T>::f, &AnyStep<T>::g, &AnyStep<T>::o, &AnyStep<T>::c, &AnyStep<T>::h,
              &AnyStep<T>::dc, &AnyStep<T>::d_before, &AnyStep<T>::di, &AnyStep<T>::df, &AnyStep<T>::dg,
              &AnyStep<T>::d_o, &AnyStep<T>::d_output})
          ASSERT_TRUE(same_bits(expected.*part, found.*part))
              << "policy " << number(policy.state) << ", " << number(policy.output) << ", " << target;
      }
    }
}

/// c and h of one unit by the C library, from what goes in.
std::pair<double, double> by_equations(const AnyStep<double>& at, std::size_t j) {
  const LstmStatePolicy& s = at.policy.state;
  const bool given = s.activated;
  const std::size_t H = at.H, row = j / H, unit = j % H;
  const auto squash = [&](double v) { return given ? v : 1 / (1 + std::exp(-v)); };
  double seen_by_i = at.i[j], c = 0;
  const auto before = [&](std::size_t d) { return at.before[(row * at.D + d) * H + unit]; };
  if (s.peephole)
    for (std::size_t d = 0; d < at.D; ++d) seen_by_i += at.p[unit] * before(d);
  const double i = s.input_gate ? squash(seen_by_i) : 1;
  for (std::size_t d = 0; d < at.D; ++d) {
    double f = at.f[(row * at.D + d) * H + unit];
    if (s.peephole) f += at.p[(1 + d) * H + unit] * before(d);
    f = s.forget_gate == ForgetGate::on ? squash(f) : s.forget_gate == ForgetGate::off ? 1 : 1 - i;
    c += f * before(d);
  }
  c += i * (given ? at.g[j] : std::tanh(at.g[j]));
  c = std::clamp(c, -at.clip, at.clip);
  double o = at.o[j];
  if (at.policy.output.peephole) o += at.p[(1 + at.D) * H + unit] * c;
  return {c, (at.policy.output.output_gate ? squash(o) : 1) * (given ? at.output[j] : std::tanh(c))};
}

TEST(LstmGates, EveryPolicyIsItsEquations) {
  for (const LstmPolicy& policy : policies()) {
    const AnyStep<double> start(policy, 21, 5);
    AnyStep<double> found(start);
    found.run();
    for (std::size_t j = 0; j < 42; ++j) {
      const auto [c, h] = by_equations(start, j);
      ASSERT_NEAR(found.c[j], c, 1e-14) << "policy " << number(policy.state) << ", " << number(policy.output);
      ASSERT_NEAR(found.h[j], h, 1e-14) << "policy " << number(policy.state) << ", " << number(policy.output);
    }
  }
}

}  // namespace
}  // namespace carousel::kernels
