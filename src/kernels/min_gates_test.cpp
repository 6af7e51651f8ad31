#include "kernels/min_gates.h"

#include "kernels/activations.h"
#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

constexpr MinGates kForms[] = {
    {MinForm::lstm, false, 0}, {MinForm::lstm, true, 0}, {MinForm::gru, false, 0}, {MinForm::gru, true, 0}};

/// Some steps of some rows: what goes in and what comes out. A row of a step follows on that of the row
/// before it.
template <class T>
struct Steps {
  Steps(MinGates form, std::size_t hidden, std::uint64_t seed, std::size_t steps_ = 1, std::size_t B = 1)
      : what{form.form, form.positive, hidden},
        H(hidden),
        G(what.width()),
        P(what.products() * hidden),
        rows(B),
        steps(steps_),
        gates(random_values<T>(steps * B * G, seed, 4)),
        h_previous(random_values<T>(B * H, seed + 1)),
        h(steps * B * H),
        dy(random_values<T>(steps * B * H, seed + 2)),
        dh(random_values<T>(B * H, seed + 3)),
        dgates(steps * B * P) {}

  void run() { run(0, rows, 0, H); }
  void run(std::size_t row, std::size_t count, std::size_t unit, std::size_t units) {
    for (std::size_t s = 0; s < steps; ++s)
      min_gates_forward<T>(what, {gates.data() + s * rows * G, G}, row, count, unit, units);
    scan(0, steps, h_previous.data(), row, count, unit, units);
    min_scan_backward<T>({what,
                          steps,
                          {gates.data(), G, rows * G},
                          {h_previous.data(), H},
                          {h.data(), H, rows * H},
                          {dy.data(), H, rows * H},
                          {dh.data(), H},
                          {dgates.data(), P, rows * P}},
                         row, count, unit, units);
  }
  void scan(std::size_t first, std::size_t count, const T* before, std::size_t row, std::size_t some_rows,
            std::size_t unit, std::size_t units) {
    min_scan_forward<T>({what,
                         count,
                         {gates.data() + first * rows * G, G, rows * G},
                         {before, H},
                         {h.data() + first * rows * H, H, rows * H}},
                        row, some_rows, unit, units);
  }

  MinGates what;
  std::size_t H, G, P, rows, steps;
  Guarded<T> gates, h_previous, h, dy, dh, dgates;
};

template <class T>
void expect_same(const Steps<T>& expected, const Steps<T>& found, const std::string& what) {
  ASSERT_TRUE(same_bits(expected.gates, found.gates)) << "gates, " << what;
  ASSERT_TRUE(same_bits(expected.h, found.h)) << "h, " << what;
  ASSERT_TRUE(same_bits(expected.dh, found.dh)) << "dh, " << what;
  ASSERT_TRUE(same_bits(expected.dgates, found.dgates)) << "dgates, " << what;
}

TYPED_TEST_SUITE(KernelTest, Types);

TYPED_TEST(KernelTest, MinGatesGiveTheSameBitsOnEveryTargetAtEverySize) {
  using T = TypeParam;
  const std::vector<T> special = special_values<T>();
  for (const MinGates& form : kForms)
    for (std::size_t hidden = 1; hidden <= 130; ++hidden) {
      Steps<T> start(form, hidden, hidden, 2);
      if (hidden % 5 == 0) {
        for (std::size_t j = 0; j < start.gates.size(); j += 3) start.gates[j] = special[j % special.size()];
        start.h_previous[hidden / 2] = -std::numeric_limits<T>::quiet_NaN();
      }
      Steps<T> expected(start);
      {
        const ForcedTarget scalar("SCALAR");
        expected.run();
      }
      for (const std::string& target : available_targets()) {
        const ForcedTarget forced(target);
        Steps<T> found(start);
        found.run();
        expect_same(expected, found, target);
      }
    }
}

TYPED_TEST(KernelTest, MinGatesOfPartsAreThoseOfTheWhole) {
  using T = TypeParam;
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    for (const MinGates& form : kForms) {
      Steps<T> whole(form, 37, 5, 3, 7), parts(form, 37, 5, 3, 7), stepped(form, 37, 5, 3, 7);
      whole.run();
      for (const auto& [row, rows] : {std::pair<std::size_t, std::size_t>{0, 3}, {3, 4}})
        for (std::size_t unit = 0; unit < 37; unit += 5)
          parts.run(row, rows, unit, std::min<std::size_t>(5, 37 - unit));
      expect_same(whole, parts, target);
      stepped.run();
      for (std::size_t s = 0; s < 3; ++s)
        stepped.scan(s, 1, s == 0 ? stepped.h_previous.data() : stepped.h.data() + (s - 1) * 7 * 37, 0, 7, 0,
                     37);
      expect_same(whole, stepped, target + ", step by step");
    }
  }
}

/// Pre-activations so far out that i and f are 0 in floating point: z is still their share.
TYPED_TEST(KernelTest, MinLstmSharesOutGatesThatUnderflow) {
  using T = TypeParam;
  for (const auto& [i, f, share] :
       {std::tuple{-1000.0, -1000.0, 0.5}, {-900.0, -901.0, 1 / (1 + std::exp(-1.0))}, {-3000.0, 5.0, 0.0}}) {
    T gates[4] = {static_cast<T>(i), static_cast<T>(f), T(0), T(0)};
    min_gates_forward<T>({MinForm::lstm, false, 1}, {gates, 4}, 0, 1, 0, 1);
    EXPECT_NEAR(gates[3], share, 1e-6) << i << ", " << f;
  }
}

/// By long double, from the paper: h after both steps, weighted with dy and dh.
long double loss(const Steps<double>& at, const std::vector<long double>& x,
                 const std::vector<long double>& start) {
  const auto squash = [](long double v) { return 1 / (1 + std::exp(-v)); };
  long double sum = 0;
  for (std::size_t j = 0; j < at.H; ++j) {
    long double h = start[j];
    for (std::size_t s = 0; s < at.steps; ++s) {
      const long double* a = x.data() + s * at.G;
      long double keep, take;
      if (at.what.form == MinForm::lstm) {
        const long double i = squash(a[j]), f = squash(a[at.H + j]);
        keep = f / (f + i);
        take = i / (f + i);
      } else {
        take = squash(a[j]);
        keep = 1 - take;
      }
      long double g = a[at.what.g() + j];
      if (at.what.positive) g = g >= 0 ? g + 0.5L : squash(g);
      h = keep * h + take * g;
      sum += at.dy[s * at.H + j] * h;
    }
    sum += at.dh[j] * h;
  }
  return sum;
}

TEST(MinGates, FollowTheEquationsForwardAndBackward) {
  for (const MinGates& form : kForms) {
    Steps<double> run(form, 19, 21, 3);
    const Steps<double> start(run);
    run.run();
    std::vector<long double> x(start.gates.begin(), start.gates.end());
    std::vector<long double> h(start.h_previous.begin(), start.h_previous.end());
    long double total = 0;
    for (std::size_t i = 0; i < run.h.size(); ++i) total += start.dy[i] * run.h[i];
    for (std::size_t j = 0; j < 19; ++j) total += start.dh[j] * run.h[2 * 19 + j];
    EXPECT_NEAR(static_cast<double>(loss(start, x, h)), static_cast<double>(total), 1e-12);
    const auto slope = [&](long double& v) {
      constexpr long double step = 1e-5L;
      const long double middle = v;
      v = middle + step;
      const long double above = loss(start, x, h);
      v = middle - step;
      const long double below = loss(start, x, h);
      v = middle;
      return static_cast<double>((above - below) / (2 * step));
    };
    for (std::size_t s = 0; s < 3; ++s)
      for (std::size_t j = 0; j < run.P; ++j)
        EXPECT_NEAR(run.dgates[s * run.P + j], slope(x[s * run.G + j]), 1e-9) << s << ", " << j;
    for (std::size_t j = 0; j < 19; ++j) EXPECT_NEAR(run.dh[j], slope(h[j]), 1e-9) << "h " << j;
  }
}

TEST(MinGates, FloatIsCloseToDouble) {
  for (const MinGates& form : kForms) {
    Steps<float> single(form, 64, 8, 5);
    Steps<double> twice(form, 64, 8, 5);
    std::copy(single.gates.begin(), single.gates.end(), twice.gates.begin());
    std::copy(single.h_previous.begin(), single.h_previous.end(), twice.h_previous.begin());
    std::copy(single.dy.begin(), single.dy.end(), twice.dy.begin());
    std::copy(single.dh.begin(), single.dh.end(), twice.dh.begin());
    single.run();
    twice.run();
    for (std::size_t i = 0; i < single.h.size(); ++i) EXPECT_NEAR(single.h[i], twice.h[i], 2e-6);
    for (std::size_t i = 0; i < single.dgates.size(); ++i)
      EXPECT_NEAR(single.dgates[i], twice.dgates[i], 1e-5);
  }
}

}  // namespace
}  // namespace carousel::kernels
