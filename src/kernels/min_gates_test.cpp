#include "kernels/min_gates.h"

#include "kernels/activations.h"
#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

constexpr MinGates kForms[] = {
    {MinForm::lstm, false, 0}, {MinForm::lstm, true, 0}, {MinForm::gru, false, 0}, {MinForm::gru, true, 0}};

/// Some steps of one sequence: what goes in and what comes out.
template <class T>
struct Steps {
  Steps(MinGates form, std::size_t hidden, std::uint64_t seed, std::size_t steps_ = 1)
      : what{form.form, form.positive, hidden},
        H(hidden),
        G(what.width()),
        P(what.products() * hidden),
        steps(steps_),
        gates(random_values<T>(steps * G, seed, 4)),
        h_previous(random_values<T>(H, seed + 1)),
        carry(kMinCarries * H),
        h(steps * H),
        dy(random_values<T>(steps * H, seed + 2)),
        dh(random_values<T>(H, seed + 3)),
        back(kMinCarries * H),
        dgates(steps * P) {}

  void run() {
    min_gates_forward<T>(what, {gates.data(), G}, 0, steps, 0, H);
    start();
    scan(0, steps, carry.data());
    scan_back(0, steps, back.data());
  }
  /// What goes before the first step and behind the last, as the carries hold it.
  void start() {
    std::copy(h_previous.begin(), h_previous.end(), carry.begin());
    std::copy(dh.begin(), dh.end(), back.begin());
  }
  void scan(std::size_t begin, std::size_t end, T* with, bool carry_only = false) {
    min_scan_forward<T>({what,
                         end - begin,
                         kMinBlock - begin % kMinBlock,
                         {gates.data() + begin * G, G},
                         with,
                         {carry_only ? nullptr : h.data() + begin * H, H}});
  }
  void scan_back(std::size_t begin, std::size_t end, T* with, bool carry_only = false) {
    min_scan_backward<T>({what,
                          end - begin,
                          (end - 1) % kMinBlock + 1,
                          {gates.data() + begin * G, G},
                          begin == 0 ? h_previous.data() : h.data() + (begin - 1) * H,
                          {h.data() + begin * H, H},
                          {dy.data() + begin * H, H},
                          with,
                          {carry_only ? nullptr : dgates.data() + begin * P, P}});
  }

  MinGates what;
  std::size_t H, G, P, steps;
  Guarded<T> gates, h_previous, carry, h, dy, dh, back, dgates;
};

template <class T>
void expect_same(const Steps<T>& expected, const Steps<T>& found, const std::string& what) {
  ASSERT_TRUE(same_bits(expected.gates, found.gates)) << "gates, " << what;
  ASSERT_TRUE(same_bits(expected.h, found.h)) << "h, " << what;
  ASSERT_TRUE(same_bits(expected.carry, found.carry)) << "carry, " << what;
  ASSERT_TRUE(same_bits(expected.back, found.back)) << "gradient on h, " << what;
  ASSERT_TRUE(same_bits(expected.dgates, found.dgates)) << "dgates, " << what;
}

TYPED_TEST_SUITE(KernelTest, Types);

TYPED_TEST(KernelTest, MinGatesGiveTheSameBitsOnEveryTargetAtEverySize) {
  using T = TypeParam;
  const std::vector<T> special = special_values<T>();
  for (const MinGates& form : kForms)
    for (std::size_t hidden = 1; hidden <= 130; ++hidden) {
      Steps<T> start(form, hidden, hidden, 3);
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
      Steps<T> whole(form, 37, 5, 7), parts(form, 37, 5, 7);
      min_gates_forward<T>(whole.what, {whole.gates.data(), whole.G}, 0, 7, 0, 37);
      for (const auto& [row, rows] : {std::pair<std::size_t, std::size_t>{0, 3}, {3, 4}})
        for (std::size_t unit = 0; unit < 37; unit += 5)
          min_gates_forward<T>(parts.what, {parts.gates.data(), parts.G}, row, rows, unit,
                               std::min<std::size_t>(5, 37 - unit));
      expect_same(whole, parts, target);
    }
  }
}

constexpr std::size_t kBlocks = 3, kScanSteps = 2 * kMinBlock + 9;

/// Numbers of every kind, finite and not, before the first step, behind the last and, one a unit, in between.
template <class T>
Steps<T> odd_steps(const MinGates& form) {
  const std::vector<T> special = special_values<T>();
  const std::size_t n = special.size();
  Steps<T> steps(form, 3 * n, 6, kScanSteps);
  for (std::size_t j = 0; j < steps.H; ++j) {
    const std::size_t step = 5 * j % kScanSteps;
    if (j < n) steps.h_previous[j] = steps.dh[n - 1 - j] = special[j];
    if (j >= n) steps.gates[step * steps.G + j % steps.what.products() * steps.H + j] = special[j % n];
    if (j % 2 == 0) steps.dy[step * steps.H + j] = special[j / 2 % n];
  }
  return steps;
}

/// What a scan goes through: steps as any, and odd ones.
template <class T>
std::vector<Steps<T>> scanned() {
  std::vector<Steps<T>> all;
  for (const MinGates& form : kForms) {
    all.emplace_back(form, 21, 6, kScanSteps);
    all.push_back(odd_steps<T>(form));
  }
  return all;
}

template <class T>
Steps<T> scanned_whole(const Steps<T>& start) {
  const ForcedTarget scalar("SCALAR");
  Steps<T> whole(start);
  whole.run();
  return whole;
}

/// Step by step, and cut anywhere.
TYPED_TEST(KernelTest, MinScanGoesOnFromItsCarry) {
  using T = TypeParam;
  for (const Steps<T>& start : scanned<T>()) {
    const Steps<T> whole = scanned_whole(start);
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      for (const std::size_t at_once :
           {std::size_t{1}, std::size_t{5}, kMinBlock, kMinBlock + 3, kScanSteps}) {
        Steps<T> parts(start);
        min_gates_forward<T>(parts.what, {parts.gates.data(), parts.G}, 0, kScanSteps, 0, parts.H);
        parts.start();
        std::size_t begin = 0;
        for (; begin < kScanSteps; begin += at_once)
          parts.scan(begin, std::min(kScanSteps, begin + at_once), parts.carry.data());
        for (; begin > 0; begin -= at_once)
          parts.scan_back(begin - at_once, std::min(kScanSteps, begin), parts.back.data());
        expect_same(whole, parts, target + ", so many steps at once: " + std::to_string(at_once));
      }
    }
  }
}

/// The blocks by themselves, then what each begins with, then the blocks in any order.
TYPED_TEST(KernelTest, MinScanByBlocksIsThatOfTheWhole) {
  using T = TypeParam;
  for (const Steps<T>& start : scanned<T>()) {
    const Steps<T> whole = scanned_whole(start);
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      Steps<T> parts(start);
      min_gates_forward<T>(parts.what, {parts.gates.data(), parts.G}, 0, kScanSteps, 0, parts.H);
      parts.start();
      const std::size_t H = parts.H;
      for (const bool forward : {true, false}) {
        const auto scan = [&](std::size_t block, T* carry, bool carry_only) {
          const std::size_t begin = (forward ? block : kBlocks - 1 - block) * kMinBlock,
                            end = std::min(kScanSteps, begin + kMinBlock);
          forward ? parts.scan(begin, end, carry, carry_only)
                  : parts.scan_back(begin, end, carry, carry_only);
        };
        Guarded<T>& carry = forward ? parts.carry : parts.back;
        std::vector<T> second(kMinCarries * H), third(kMinCarries * H);
        scan(1, second.data(), true);
        scan(0, carry.data(), false);
        std::copy_n(carry.begin(), H, second.begin() + H);
        min_scan_join<T>(H, second.data(), third.data());
        scan(2, third.data(), false);
        std::copy_n(carry.begin(), H, second.begin());
        scan(1, second.data(), false);
        std::copy(third.begin(), third.end(), carry.begin());
      }
      expect_same(whole, parts, target);
    }
  }
}

/// The steps that the odd ones are compared by say something: some end in numbers, some in infinities.
TYPED_TEST(KernelTest, MinScanOfOddStepsEndsInNumbersOfEveryKind) {
  using T = TypeParam;
  for (const MinGates& form : kForms) {
    const Steps<T> whole = scanned_whole(odd_steps<T>(form));
    std::size_t finite = 0, infinite = 0;
    for (const Guarded<T>* values : {&whole.h, &whole.dgates})
      for (const T value : *values) {
        finite += std::isfinite(value);
        infinite += std::isinf(value);
      }
    EXPECT_GT(finite, (whole.h.size() + whole.dgates.size()) / 2);
    EXPECT_GT(infinite, 10 * kScanSteps);
  }
}

/// As long as the block keeps some of it; with all of it gone, 0 * inf is left.
TYPED_TEST(KernelTest, MinScanKeepsAnInfiniteState) {
  using T = TypeParam;
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  const auto after = [](T z) {
    std::vector<T> gates(2 * kMinBlock, T(0)), h(kMinBlock), carry = {kInfinity, T(0), T(0), T(0)};
    for (std::size_t s = 0; s < kMinBlock; ++s) gates[2 * s] = z;
    min_scan_forward<T>(
        {{MinForm::gru, false, 1}, kMinBlock, kMinBlock, {gates.data(), 2}, carry.data(), {h.data(), 1}});
    return h;
  };
  for (const T h : after(T(0.5))) EXPECT_EQ(h, kInfinity);
  const std::vector<T> gone = after(1 - std::numeric_limits<T>::epsilon());
  EXPECT_EQ(gone.front(), kInfinity);
  EXPECT_TRUE(std::isnan(gone.back()));
}

/// A state that somebody set: h counts, what stands behind it does not.
TYPED_TEST(KernelTest, MinScanBelievesTheValueNotWhatStandsBehindIt) {
  using T = TypeParam;
  Steps<T> clean(kForms[0], 21, 6, 5), odd(clean);
  for (Steps<T>* run : {&clean, &odd}) {
    min_gates_forward<T>(run->what, {run->gates.data(), run->G}, 0, 5, 0, run->H);
    run->start();
  }
  for (std::size_t i = odd.H; i < odd.carry.size(); ++i) odd.carry[i] = T(0.25) + static_cast<T>(i % 3);
  for (Steps<T>* run : {&clean, &odd})  // in the middle of a block
    min_scan_forward<T>(
        {run->what, 5, 7, {run->gates.data(), run->G}, run->carry.data(), {run->h.data(), run->H}});
  expect_same(clean, odd, "carry of another h");
}

/// z of min_lstm for pre-activations of i and f.
template <class T>
T share_of(T i, T f) {
  T gates[4] = {i, f, T(0), T(0)};
  min_gates_forward<T>({MinForm::lstm, false, 1}, {gates, 4}, 0, 1, 0, 1);
  return gates[3];
}

/// Around where its formula changes and where float runs out of numbers, against long double.
TYPED_TEST(KernelTest, MinLstmSharesOutItsGates) {
  using T = TypeParam;
  const auto squash = [](long double a) { return 1 / (1 + std::exp(-a)); };
  std::vector<long double> places = {-3000, -1000, -900, -110, -104, -95, -80, -60, 30, 100, 3000};
  for (int a = -45 * 4; a <= 8 * 4; ++a) places.push_back(a / 4.0L);
  for (const long double i : places)
    for (const long double f : places) {
      const long double share = squash(i) / (squash(i) + squash(f));
      const T found = share_of(static_cast<T>(i), static_cast<T>(f));
      const long double bound = share * 4 * std::numeric_limits<T>::epsilon() + 1e-20L;
      ASSERT_NEAR(static_cast<double>(found), static_cast<double>(share), static_cast<double>(bound))
          << static_cast<double>(i) << ", " << static_cast<double>(f);
    }
}

TYPED_TEST(KernelTest, MinLstmSharesOutGatesAtTheEnds) {
  using T = TypeParam;
  constexpr T kInfinity = std::numeric_limits<T>::infinity(), kNaN = std::numeric_limits<T>::quiet_NaN();
  EXPECT_EQ(share_of<T>(kInfinity, kInfinity), T(0.5));
  EXPECT_EQ(share_of<T>(-kInfinity, T(0)), T(0));
  EXPECT_EQ(share_of<T>(-kInfinity, T(-1000)), T(0));
  EXPECT_EQ(share_of<T>(T(0), -kInfinity), T(1));
  EXPECT_NEAR(share_of<T>(kInfinity, T(0)), 2.0 / 3, 1e-6);
  for (const auto& [i, f] : {std::pair{-kInfinity, -kInfinity}, {kNaN, T(0)}, {T(0), kNaN}, {kNaN, T(-100)}})
    EXPECT_TRUE(std::isnan(share_of<T>(i, f))) << i << ", " << f;
}

/// By long double, from the paper: h after every step, weighted with dy and dh.
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
  constexpr std::size_t kSteps = kMinBlock + 3;
  for (const MinGates& form : kForms) {
    Steps<double> run(form, 19, 21, kSteps);
    const Steps<double> start(run);
    run.run();
    std::vector<long double> x(start.gates.begin(), start.gates.end());
    std::vector<long double> h(start.h_previous.begin(), start.h_previous.end());
    long double total = 0;
    for (std::size_t i = 0; i < run.h.size(); ++i) total += start.dy[i] * run.h[i];
    for (std::size_t j = 0; j < 19; ++j) total += start.dh[j] * run.h[(kSteps - 1) * 19 + j];
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
    for (std::size_t s = 0; s < kSteps; ++s)
      for (std::size_t j = 0; j < run.P; ++j)
        EXPECT_NEAR(run.dgates[s * run.P + j], slope(x[s * run.G + j]), 1e-9) << s << ", " << j;
    for (std::size_t j = 0; j < 19; ++j) EXPECT_NEAR(run.back[j], slope(h[j]), 1e-9) << "h " << j;
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
