#include "kernels/gru_gates.h"

#include <algorithm>

#include "kernels/activations.h"
#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

/// Some rows of a step: what goes in and what comes out.
template <class T>
struct Step {
  Step(std::size_t hidden, std::uint64_t seed, double scale = 4, std::size_t B = 1)
      : H(hidden),
        rows(B),
        gates(random_values<T>(B * 4 * hidden, seed, scale)),
        h_previous(random_values<T>(B * hidden, seed + 1, 1)),
        h(B * hidden),
        dh(random_values<T>(B * hidden, seed + 2)),
        dgates(random_values<T>(B * 4 * hidden, seed + 3)) {}

  void forward(GruPart part) { forward(part, 0, rows, 0, H); }
  void forward(GruPart part, std::size_t row, std::size_t count, std::size_t unit, std::size_t units) {
    gru_gates_forward<T>({part, H, {gates.data(), 4 * H}, {h_previous.data(), H}, {h.data(), H}}, row, count,
                         unit, units);
  }
  void backward(GruPart part) { backward(part, 0, rows, 0, H); }
  void backward(GruPart part, std::size_t row, std::size_t count, std::size_t unit, std::size_t units) {
    gru_gates_backward<T>(
        {part, H, {gates.data(), 4 * H}, {h_previous.data(), H}, {dh.data(), H}, {dgates.data(), 4 * H}}, row,
        count, unit, units);
  }
  /// One way of resetting, there and back.
  void run(bool reset_after) {
    if (reset_after) {
      forward(GruPart::all);
      backward(GruPart::all);
    } else {
      forward(GruPart::reset);
      forward(GruPart::update);
      backward(GruPart::update);
      backward(GruPart::reset);
    }
  }
  T& n(std::size_t j) { return gates[j]; }
  T& z(std::size_t j) { return gates[H + j]; }
  T& r(std::size_t j) { return gates[2 * H + j]; }
  T& s(std::size_t j) { return gates[3 * H + j]; }

  std::size_t H, rows;
  Guarded<T> gates, h_previous, h, dh, dgates;
};

template <class T>
void expect_same(const Step<T>& expected, const Step<T>& found, const std::string& what) {
  ASSERT_TRUE(same_bits(expected.gates, found.gates)) << "gates, " << what;
  ASSERT_TRUE(same_bits(expected.h, found.h)) << "h, " << what;
  ASSERT_TRUE(same_bits(expected.dh, found.dh)) << "dh, " << what;
  ASSERT_TRUE(same_bits(expected.dgates, found.dgates)) << "dgates, " << what;
  ASSERT_TRUE(same_bits(expected.h_previous, found.h_previous)) << "h_previous, " << what;
}

TYPED_TEST_SUITE(KernelTest, Types);

TYPED_TEST(KernelTest, GatesGiveTheSameBitsOnEveryTargetAtEverySize) {
  using T = TypeParam;
  const std::vector<T> special = special_values<T>();
  for (const bool reset_after : {true, false})
    for (std::size_t hidden = 1; hidden <= 130; ++hidden) {
      Step<T> start(hidden, hidden);
      if (hidden % 5 == 0) {
        for (std::size_t j = 0; j < 4 * hidden; j += 3) start.gates[j] = special[j % special.size()];
        start.h_previous[hidden / 2] = -std::numeric_limits<T>::quiet_NaN();
      }
      Step<T> expected(start);
      {
        const ForcedTarget scalar("SCALAR");
        expected.run(reset_after);
      }
      for (const std::string& target : available_targets()) {
        const ForcedTarget forced(target);
        Step<T> found(start);
        found.run(reset_after);
        expect_same(expected, found, target + (reset_after ? ", after" : ", before"));
      }
    }
}

template <class T>
T sigmoid_of(T x) {
  sigmoid(&x, &x, 1);
  return x;
}
template <class T>
T tanh_of(T x) {
  tanh(&x, &x, 1);
  return x;
}

TYPED_TEST(KernelTest, GatesForwardIsItsEquations) {
  using T = TypeParam;
  const std::size_t hidden = 37;
  Step<T> after(hidden, 11), before(hidden, 11), x(hidden, 11);
  after.forward(GruPart::all);
  before.forward(GruPart::reset);
  before.forward(GruPart::update);
  for (std::size_t j = 0; j < hidden; ++j) {
    const T z = sigmoid_of(x.z(j)), r = sigmoid_of(x.r(j)), h = x.h_previous[j];
    for (Step<T>* step : {&after, &before}) {
      const bool reset_after = step == &after;
      const T n = tanh_of(reset_after ? std::fma(r, x.s(j), x.n(j)) : x.n(j));
      EXPECT_TRUE(same_bits(z, step->z(j)));
      EXPECT_TRUE(same_bits(r, step->r(j)));
      EXPECT_TRUE(same_bits(n, step->n(j)));
      EXPECT_TRUE(same_bits(reset_after ? x.s(j) : r * h, step->s(j)));
      EXPECT_TRUE(same_bits(std::fma(z, h, (1 - z) * n), step->h[j]));
    }
  }
}

TYPED_TEST(KernelTest, GatesOfPartsOfRowsAreThoseOfTheWhole) {
  using T = TypeParam;
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    for (const std::size_t hidden : {1, 16, 37})
      for (const GruPart part : {GruPart::all, GruPart::reset, GruPart::update}) {
        Step<T> whole(hidden, 5, 4, 7), parts(hidden, 5, 4, 7);
        whole.forward(part);
        whole.backward(part);
        for (const auto& [row, rows] : {std::pair<std::size_t, std::size_t>{0, 3}, {3, 4}})
          for (std::size_t unit = 0; unit < hidden; unit += 5) {
            const std::size_t units = std::min<std::size_t>(5, hidden - unit);
            parts.forward(part, row, rows, unit, units);
            parts.backward(part, row, rows, unit, units);
          }
        expect_same(whole, parts, target);
      }
  }
}

/// L = dh . h by the C library. `x` is a row of gates before forward; without R_n: s goes nowhere but into L,
/// with its own gradient ds, where the reset comes before the product.
long double loss(const Step<double>& at, bool reset_after, const std::vector<long double>& x,
                 const std::vector<long double>& h_previous) {
  const std::size_t hidden = h_previous.size();
  const auto squash = [](long double v) { return 1 / (1 + std::exp(-v)); };
  long double sum = 0;
  for (std::size_t j = 0; j < hidden; ++j) {
    const long double z = squash(x[hidden + j]), r = squash(x[2 * hidden + j]);
    const long double n = std::tanh(reset_after ? x[j] + r * x[3 * hidden + j] : x[j]);
    sum += at.dh[j] * (z * h_previous[j] + (1 - z) * n);
    if (!reset_after) sum += at.dgates[3 * hidden + j] * (r * h_previous[j]);
  }
  return sum;
}

TEST(GruGates, BackwardAgreesWithCentralDifferences) {
  const std::size_t hidden = 19;
  for (const bool reset_after : {true, false}) {
    Step<double> step(hidden, 21, 2);
    const Step<double> start(step);
    step.run(reset_after);
    std::vector<long double> x(start.gates.begin(), start.gates.end());
    std::vector<long double> h(start.h_previous.begin(), start.h_previous.end());
    const auto slope = [&](long double& v) {
      constexpr long double step_size = 1e-5L;
      const long double middle = v;
      v = middle + step_size;
      const long double above = loss(start, reset_after, x, h);
      v = middle - step_size;
      const long double below = loss(start, reset_after, x, h);
      v = middle;
      return static_cast<double>((above - below) / (2 * step_size));
    };
    for (std::size_t j = 0; j < (reset_after ? 4 : 3) * hidden; ++j) {
      const double expected = slope(x[j]);
      EXPECT_NEAR(step.dgates[j], expected, 1e-9 * (1 + std::abs(expected))) << "gate " << j;
    }
    for (std::size_t j = 0; j < hidden; ++j) {
      const double expected = slope(h[j]);
      EXPECT_NEAR(step.dh[j], expected, 1e-9 * (1 + std::abs(expected))) << "h " << j;
    }
  }
}

TEST(GruGates, FloatIsCloseToDouble) {
  const std::size_t hidden = 64;
  for (const bool reset_after : {true, false}) {
    Step<float> single(hidden, 8);
    Step<double> twice(hidden, 8);
    std::copy(single.gates.begin(), single.gates.end(), twice.gates.begin());
    std::copy(single.h_previous.begin(), single.h_previous.end(), twice.h_previous.begin());
    std::copy(single.dh.begin(), single.dh.end(), twice.dh.begin());
    std::copy(single.dgates.begin(), single.dgates.end(), twice.dgates.begin());
    single.run(reset_after);
    twice.run(reset_after);
    for (std::size_t j = 0; j < hidden; ++j) {
      EXPECT_NEAR(single.h[j], twice.h[j], 1e-6);
      EXPECT_NEAR(single.dh[j], twice.dh[j], 1e-6);
    }
    for (std::size_t j = 0; j < 4 * hidden; ++j) EXPECT_NEAR(single.dgates[j], twice.dgates[j], 2e-6);
  }
}

}  // namespace
}  // namespace carousel::kernels
