#include "kernels/slstm_gates.h"

#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

/// Some rows of a step of one head, which has all H units: what goes in and what comes out.
template <class T>
struct Step {
  Step(std::size_t hidden, std::uint64_t seed, bool exponential_ = false, std::size_t B = 1)
      : H(hidden),
        rows(B),
        exponential(exponential_),
        gates(random_values<T>(B * 4 * H, seed, 4)),
        slope(B * H),
        before(random_values<T>(B * 3 * H, seed + 1)),
        memory(B * 3 * H),
        h(B * H),
        dh(random_values<T>(B * H, seed + 2)),
        dmemory(random_values<T>(B * 3 * H, seed + 3)),
        dgates(B * 4 * H) {
    for (std::size_t r = 0; r < B; ++r)  // a normaliser is not negative
      for (std::size_t j = 0; j < H; ++j) n_before(r, j) = std::abs(n_before(r, j)) + T(0.5);
  }

  T& n_before(std::size_t r, std::size_t j) { return before[r * 3 * H + H + j]; }
  void run() { run(0, rows, 0, H); }
  void run(std::size_t row, std::size_t count, std::size_t unit, std::size_t units) {
    slstm_gates_forward<T>({H,
                            H,
                            exponential,
                            {gates.data(), 4 * H},
                            {slope.data(), H},
                            {before.data(), 3 * H},
                            {memory.data(), 3 * H},
                            {h.data(), H}},
                           row, count, unit, units);
    slstm_gates_backward<T>({H,
                             H,
                             {gates.data(), 4 * H},
                             {slope.data(), H},
                             {before.data(), 3 * H},
                             {memory.data(), 3 * H},
                             {dh.data(), H},
                             {dmemory.data(), 3 * H},
                             {dgates.data(), 4 * H}},
                            row, count, unit, units);
  }

  std::size_t H, rows;
  bool exponential;
  Guarded<T> gates, slope, before, memory, h, dh, dmemory, dgates;
};

template <class T>
void expect_same(const Step<T>& expected, const Step<T>& found, const std::string& what) {
  ASSERT_TRUE(same_bits(expected.gates, found.gates)) << "gates, " << what;
  ASSERT_TRUE(same_bits(expected.slope, found.slope)) << "slope, " << what;
  ASSERT_TRUE(same_bits(expected.memory, found.memory)) << "memory, " << what;
  ASSERT_TRUE(same_bits(expected.h, found.h)) << "h, " << what;
  ASSERT_TRUE(same_bits(expected.dmemory, found.dmemory)) << "dmemory, " << what;
  ASSERT_TRUE(same_bits(expected.dgates, found.dgates)) << "dgates, " << what;
}

TYPED_TEST_SUITE(KernelTest, Types);

TYPED_TEST(KernelTest, SlstmGatesGiveTheSameBitsOnEveryTargetAtEverySize) {
  using T = TypeParam;
  const std::vector<T> special = special_values<T>();
  for (const bool exponential : {false, true})
    for (std::size_t hidden = 1; hidden <= 130; ++hidden) {
      Step<T> start(hidden, hidden, exponential);
      if (hidden % 5 == 0) {
        for (std::size_t j = 0; j < 4 * hidden; j += 3) start.gates[j] = special[j % special.size()];
        for (std::size_t j = 0; j < 3 * hidden; j += 4) start.before[j] = special[j % special.size()];
      }
      Step<T> expected(start);
      {
        const ForcedTarget scalar("SCALAR");
        expected.run();
      }
      for (const std::string& target : available_targets()) {
        const ForcedTarget forced(target);
        Step<T> found(start);
        found.run();
        expect_same(expected, found, target);
      }
    }
}

TYPED_TEST(KernelTest, SlstmGatesOfPartsAreThoseOfTheWhole) {
  using T = TypeParam;
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    Step<T> whole(37, 5, false, 7), parts(37, 5, false, 7);
    whole.run();
    for (const auto& [row, rows] : {std::pair<std::size_t, std::size_t>{0, 3}, {3, 4}})
      for (std::size_t unit = 0; unit < 37; unit += 5)
        parts.run(row, rows, unit, std::min<std::size_t>(5, 37 - unit));
    expect_same(whole, parts, target);
  }
}

/// One unit by long double and without a stabiliser: h, and c, n as they are when multiplied by exp(m).
struct Plain {
  long double h, c, n;
};
Plain plain(const Step<double>& x, std::size_t j, long double m_before) {
  const auto squash = [](long double v) { return 1 / (1 + std::exp(-v)); };
  const long double i = std::exp(static_cast<long double>(x.gates[j]));
  const long double a = x.gates[x.H + j], f = x.exponential ? std::exp(a) : squash(a);
  const long double scale = std::exp(m_before);
  const long double c =
      f * x.before[j] * scale + i * std::tanh(static_cast<long double>(x.gates[2 * x.H + j]));
  const long double n = f * x.before[x.H + j] * scale + i;
  return {squash(x.gates[3 * x.H + j]) * (c / n), c, n};
}

TEST(SlstmGates, FollowTheEquationsWithoutAStabiliser) {
  for (const bool exponential : {false, true}) {
    Step<double> step(37, 9, exponential);
    const Step<double> x(step);
    step.run();
    for (std::size_t j = 0; j < 37; ++j) {
      const Plain expected = plain(x, j, x.before[2 * 37 + j]);
      const double scale = std::exp(step.memory[2 * 37 + j]);
      EXPECT_NEAR(step.h[j], static_cast<double>(expected.h), 1e-14);
      EXPECT_NEAR(step.memory[j] * scale, static_cast<double>(expected.c),
                  1e-13 * std::abs(static_cast<double>(expected.c)) + 1e-13);
      EXPECT_NEAR(step.memory[37 + j] * scale, static_cast<double>(expected.n),
                  1e-13 * static_cast<double>(expected.n));
    }
  }
}

/// Nothing remembered yet, and so little written that beside any memory it would be 0: h is still g.
TYPED_TEST(KernelTest, AnEmptySlstmTakesWhatComesFirst) {
  using T = TypeParam;
  for (const double written : {-2000.0, 0.0, 2000.0}) {
    Step<T> step(1, 3);
    step.gates[0] = static_cast<T>(written);
    step.before[0] = step.before[1] = step.before[2] = T(0);
    step.run();
    EXPECT_EQ(step.memory[1], T(1));
    EXPECT_EQ(step.memory[2], static_cast<T>(written));
    EXPECT_EQ(step.h[0], step.gates[3] * step.gates[2]);
  }
}

TEST(SlstmGates, BackwardAgreesWithCentralDifferences) {
  constexpr std::size_t H = 19;
  for (const bool exponential : {false, true}) {
    const Step<double> start(H, 21, exponential);
    Step<double> step(start);
    step.run();
    const auto loss = [&](const Step<double>& from) {
      Step<double> at(from);
      at.run();
      long double sum = 0;
      for (std::size_t j = 0; j < H; ++j) sum += static_cast<long double>(start.dh[j]) * at.h[j];
      for (std::size_t j = 0; j < 3 * H; ++j)
        sum += static_cast<long double>(start.dmemory[j]) * at.memory[j];
      return sum;
    };
    const auto slope = [&](auto member, std::size_t j) {
      Step<double> above(start), below(start);
      (above.*member)[j] += 1e-5;
      (below.*member)[j] -= 1e-5;
      return static_cast<double>((loss(above) - loss(below)) / 2e-5L);
    };
    for (std::size_t j = 0; j < 4 * H; ++j) {
      const double expected = slope(&Step<double>::gates, j);
      EXPECT_NEAR(step.dgates[j], expected, 1e-8 * (1 + std::abs(expected))) << "gate " << j;
    }
    for (std::size_t j = 0; j < 3 * H; ++j) {
      const double expected = slope(&Step<double>::before, j);
      EXPECT_NEAR(step.dmemory[j], expected, 1e-8 * (1 + std::abs(expected))) << "memory " << j;
    }
  }
}

TEST(SlstmGates, FloatIsCloseToDouble) {
  Step<float> single(64, 8);
  Step<double> twice(64, 8);
  std::copy(single.gates.begin(), single.gates.end(), twice.gates.begin());
  std::copy(single.before.begin(), single.before.end(), twice.before.begin());
  std::copy(single.dh.begin(), single.dh.end(), twice.dh.begin());
  std::copy(single.dmemory.begin(), single.dmemory.end(), twice.dmemory.begin());
  single.run();
  twice.run();
  for (std::size_t j = 0; j < 64; ++j) EXPECT_NEAR(single.h[j], twice.h[j], 2e-6);
  for (std::size_t j = 0; j < 4 * 64; ++j) EXPECT_NEAR(single.dgates[j], twice.dgates[j], 1e-5);
}

}  // namespace
}  // namespace carousel::kernels
