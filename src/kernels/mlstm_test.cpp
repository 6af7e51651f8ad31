#include "kernels/mlstm.h"

#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

/// Some steps of one sequence with all its heads, there and back: what goes in and what comes out.
template <class T>
struct Steps {
  Steps(std::size_t heads, std::size_t size, std::size_t count, std::uint64_t seed, bool exponential = false)
      : what{heads, size, exponential},
        steps(count),
        row(random_values<T>(steps * what.width(), seed, 2)),
        C(random_values<T>(heads * size * size, seed + 1)),
        n(random_values<T>(heads * size, seed + 2)),
        m(random_values<T>(heads, seed + 3)),
        h(steps * heads * size),
        dh(random_values<T>(steps * heads * size, seed + 4)),
        dC(random_values<T>(heads * size * size, seed + 5)),
        dn(random_values<T>(heads * size, seed + 6)),
        dm(random_values<T>(heads, seed + 7)),
        dgates(steps * what.products()) {}

  /// A matrix turned round.
  static std::vector<T> turned(std::size_t size, const T* from) {
    std::vector<T> to(size * size);
    for (std::size_t a = 0; a < size; ++a)
      for (std::size_t b = 0; b < size; ++b) to[b * size + a] = from[a * size + b];
    return to;
  }
  template <class Of>
  static MlstmRows<Of> rows(Of* first, std::size_t width, std::size_t count) {
    MlstmRows<Of> all{};
    for (std::size_t s = 0; s < count; ++s) all[s] = first + s * width;
    return all;
  }
  /// So many steps a call.
  void forward(std::size_t together) {
    mlstm_gates<T>(what, {row.data(), what.width()}, 0, steps);
    Guarded<T> scratch(what.forward_scratch(together));
    for (std::size_t head = 0; head < what.heads; ++head)
      for (std::size_t s = 0; s < steps; s += together) {
        const std::size_t count = std::min(together, steps - s);
        mlstm_forward<T>({what, head, count, rows(row.data() + s * what.width(), what.width(), count),
                          matrix(C, head), n.data() + head * what.size, m.data() + head,
                          rows(h.data() + s * what.hidden(), what.hidden(), count), scratch.data()});
      }
  }
  /// Back in two calls, the later one from step `cut` on.
  void run(std::size_t together, std::size_t cut) {
    const std::size_t d = what.size;
    const Guarded<T> C_before(C), n_before(n);
    forward(together);
    Guarded<T> scratch(what.backward_scratch()), note(what.note());
    for (std::size_t head = 0; head < what.heads; ++head) {
      const std::vector<T> before = turned(d, C_before.data() + head * d * d);
      std::vector<T> dC_turned = turned(d, matrix(dC, head)), again(d * d);
      Guarded<T> n_again(std::vector<T>(n_before.data() + head * d, n_before.data() + (head + 1) * d));
      const MlstmRows<const T> activations = rows<const T>(row.data(), what.width(), steps);
      const MlstmRows<T> gradients = rows(dgates.data(), what.products(), steps);
      mlstm_again<T>({what, head, steps, activations, rows<const T>(h.data(), what.hidden(), steps),
                      rows<const T>(dh.data(), what.hidden(), steps), before.data(), again.data(),
                      n_again.data(), note.data(), gradients, scratch.data()});
      // The steps made again are the steps.
      EXPECT_TRUE(same_bits(turned(d, again.data()).data(), matrix(C, head), d * d));
      EXPECT_TRUE(same_bits(n_again.data(), n.data() + head * d, d));
      T decay = 1;
      for (const auto& [begin, end] : {std::pair(cut, steps), std::pair(std::size_t{0}, cut)})
        if (begin < end)
          mlstm_backward<T>({what, head, begin, end, activations, note.data(), before.data(),
                             matrix(dC, head), dC_turned.data(), dn.data() + head * d, dm.data() + head,
                             &decay, gradients, scratch.data()});
      EXPECT_TRUE(same_bits(turned(d, dC_turned.data()).data(), matrix(dC, head), d * d));
      mlstm_decay(d * d, decay, matrix(dC, head));
    }
  }
  T* matrix(Guarded<T>& all, std::size_t head) const { return all.data() + head * what.size * what.size; }

  MlstmRow what;
  std::size_t steps;
  Guarded<T> row, C, n, m, h, dh, dC, dn, dm, dgates;
};

template <class T>
void expect_same(const Steps<T>& expected, const Steps<T>& found, const std::string& what) {
  ASSERT_TRUE(same_bits(expected.row, found.row)) << what;
  ASSERT_TRUE(same_bits(expected.C, found.C)) << what;
  ASSERT_TRUE(same_bits(expected.n, found.n)) << what;
  ASSERT_TRUE(same_bits(expected.m, found.m)) << what;
  ASSERT_TRUE(same_bits(expected.h, found.h)) << what;
  ASSERT_TRUE(same_bits(expected.dgates, found.dgates)) << what;
  ASSERT_TRUE(same_bits(expected.dC, found.dC)) << what;
  ASSERT_TRUE(same_bits(expected.dn, found.dn)) << what;
  ASSERT_TRUE(same_bits(expected.dm, found.dm)) << what;
}

TYPED_TEST_SUITE(KernelTest, Types);

TYPED_TEST(KernelTest, MlstmGivesTheSameBitsOnEveryTargetAtEverySize) {
  using T = TypeParam;
  const std::vector<T> special = special_values<T>();
  for (std::size_t size = 1; size <= 130; size += size < 36 ? 1 : 7) {
    const std::size_t steps = 1 + size % kMlstmSteps;
    const std::size_t cut = size % (steps + 1);  // 0: none
    Steps<T> start(2, size, steps, size, size % 2 == 0);
    if (size % 5 == 0)
      for (std::size_t j = 0; j < start.what.products(); j += 3) start.row[j] = special[j % special.size()];
    if (size % 5 == 0) start.C[size / 2] = -std::numeric_limits<T>::quiet_NaN();
    Steps<T> expected(start);
    {
      const ForcedTarget scalar("SCALAR");
      expected.run(steps, cut);
    }
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      Steps<T> found(start);
      found.run(steps, cut);
      expect_same(expected, found, target + ", " + std::to_string(size));
    }
  }
}

TYPED_TEST(KernelTest, MlstmDoesNotShowHowManyStepsACallTakes) {
  using T = TypeParam;
  for (const std::size_t size : {3, 16, 37, 64}) {
    const Steps<T> start(2, size, kMlstmSteps, size);
    Steps<T> expected(start);
    expected.run(kMlstmSteps, 0);
    for (const std::size_t together : {1, 3, 15}) {
      Steps<T> found(start);
      found.run(together, together);
      expect_same(expected, found, std::to_string(size) + ", " + std::to_string(together));
    }
  }
}

/// Where the divisor is exp(-m), and where it is |n . q|; where m comes from i, and where from f.
TEST(MlstmKernel, BackwardAgreesWithCentralDifferences) {
  constexpr std::size_t kSteps = 3;
  std::size_t floors = 0, from_f = 0, cases = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Steps<double> start(2, 5, kSteps, seed, seed % 2 == 0);
    Steps<double> step(start);
    step.run(kSteps, 1);
    for (std::size_t head = 0; head < 2; ++head)
      for (std::size_t s = 0; s < kSteps; ++s, ++cases) {
        const double* row = step.row.data() + s * step.what.width();
        floors += std::abs(row[step.what.s() + head]) < std::exp(-row[step.what.m() + head]);
        from_f += row[step.what.f() + head] == 1;
      }
    const auto loss = [&](const Steps<double>& from) {
      Steps<double> at(from);
      at.forward(kSteps);
      long double sum = 0;
      const auto add = [&](const Guarded<double>& weights, const Guarded<double>& values) {
        for (std::size_t i = 0; i < values.size(); ++i)
          sum += static_cast<long double>(weights[i]) * values[i];
      };
      add(start.dh, at.h);
      add(start.dC, at.C);
      add(start.dn, at.n);
      add(start.dm, at.m);
      return sum;
    };
    const auto compare = [&](auto member, std::size_t element, double found, const std::string& what) {
      Steps<double> above(start), below(start);
      (above.*member)[element] += 1e-5;
      (below.*member)[element] -= 1e-5;
      const double expected = static_cast<double>((loss(above) - loss(below)) / 2e-5L);
      EXPECT_NEAR(found, expected, 1e-7 * (1 + std::abs(expected))) << what << " " << element << ", " << seed;
    };
    const std::size_t width = start.what.width(), products = start.what.products();
    for (std::size_t j = 0; j < kSteps * products; ++j)
      compare(&Steps<double>::row, j / products * width + j % products, step.dgates[j], "gate");
    for (std::size_t j = 0; j < step.C.size(); ++j) compare(&Steps<double>::C, j, step.dC[j], "C");
    for (std::size_t j = 0; j < step.n.size(); ++j) compare(&Steps<double>::n, j, step.dn[j], "n");
    for (std::size_t j = 0; j < step.m.size(); ++j) compare(&Steps<double>::m, j, step.dm[j], "m");
  }
  EXPECT_GT(floors, 0u);
  EXPECT_LT(floors, cases);
  EXPECT_GT(from_f, 0u);
  EXPECT_LT(from_f, cases);
}

}  // namespace
}  // namespace carousel::kernels
