#include "kernels/mlstm.h"

#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

/// A step of one row with all its heads, there and back: what goes in and what comes out.
template <class T>
struct Step {
  Step(std::size_t heads, std::size_t size, std::uint64_t seed, bool exponential = false)
      : what{heads, size, exponential},
        row(random_values<T>(what.width(), seed, 2)),
        C(random_values<T>(heads * size * size, seed + 1)),
        n(random_values<T>(heads * size, seed + 2)),
        m(random_values<T>(heads, seed + 3)),
        h(heads * size),
        dh(random_values<T>(heads * size, seed + 4)),
        dC(random_values<T>(heads * size * size, seed + 5)),
        dn(random_values<T>(heads * size, seed + 6)),
        dm(random_values<T>(heads, seed + 7)),
        dgates(what.products()) {}

  /// A matrix turned round.
  static std::vector<T> turned(std::size_t size, const T* from) {
    std::vector<T> to(size * size);
    for (std::size_t a = 0; a < size; ++a)
      for (std::size_t b = 0; b < size; ++b) to[b * size + a] = from[a * size + b];
    return to;
  }
  void forward() {
    mlstm_gates<T>(what, {row.data(), what.width()}, 0, 1);
    for (std::size_t head = 0; head < what.heads; ++head)
      mlstm_forward<T>(
          {what, head, row.data(), matrix(C, head), n.data() + head * what.size, m.data() + head, h.data()});
  }
  void run() {
    const std::size_t d = what.size;
    const Guarded<T> C_before(C), n_before(n);
    forward();
    for (std::size_t head = 0; head < what.heads; ++head) {
      const std::vector<T> before = turned(d, C_before.data() + head * d * d);
      std::vector<T> dC_turned = turned(d, matrix(dC, head)), again(d * d), n_again(d), note(d + 2),
                     scratch(3 * d);
      const T* n_of = n_before.data() + head * d;
      mlstm_again<T>({what, head, row.data(), dh.data(), before.data(), n_of, again.data(), n_again.data(),
                      note.data(), dgates.data()});
      // The step made again is the step.
      EXPECT_TRUE(same_bits(turned(d, again.data()).data(), matrix(C, head), d * d));
      EXPECT_TRUE(same_bits(n_again.data(), n.data() + head * d, d));
      T decay = 1;
      mlstm_backward<T>({what, head, row.data(), note.data(), before.data(), n_of, matrix(dC, head),
                         dC_turned.data(), dn.data() + head * d, dm.data() + head, &decay, dgates.data(),
                         scratch.data()});
      EXPECT_TRUE(same_bits(turned(d, dC_turned.data()).data(), matrix(dC, head), d * d));
      for (std::size_t at = 0; at < d * d; ++at) matrix(dC, head)[at] *= decay;
    }
  }
  T* matrix(Guarded<T>& all, std::size_t head) const { return all.data() + head * what.size * what.size; }

  MlstmRow what;
  Guarded<T> row, C, n, m, h, dh, dC, dn, dm, dgates;
};

TYPED_TEST_SUITE(KernelTest, Types);

TYPED_TEST(KernelTest, MlstmGivesTheSameBitsOnEveryTargetAtEverySize) {
  using T = TypeParam;
  const std::vector<T> special = special_values<T>();
  for (std::size_t size = 1; size <= 130; size += size < 36 ? 1 : 7) {
    Step<T> start(2, size, size, size % 2 == 0);
    if (size % 5 == 0)
      for (std::size_t j = 0; j < start.what.products(); j += 3) start.row[j] = special[j % special.size()];
    if (size % 5 == 0) start.C[size / 2] = -std::numeric_limits<T>::quiet_NaN();
    Step<T> expected(start);
    {
      const ForcedTarget scalar("SCALAR");
      expected.run();
    }
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      Step<T> found(start);
      found.run();
      const std::string what = target + ", " + std::to_string(size);
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
  }
}

/// Where the divisor is exp(-m), and where it is |n . q|; where m comes from i, and where from f.
TEST(MlstmKernel, BackwardAgreesWithCentralDifferences) {
  std::size_t floors = 0, from_f = 0, cases = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Step<double> start(2, 5, seed, seed % 2 == 0);
    Step<double> step(start);
    step.run();
    for (std::size_t head = 0; head < 2; ++head, ++cases) {
      floors += std::abs(step.row[step.what.s() + head]) < std::exp(-step.m[head]);
      from_f += step.row[step.what.f() + head] == 1;
    }
    const auto loss = [&](const Step<double>& from) {
      Step<double> at(from);
      at.forward();
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
    const auto compare = [&](auto member, const Guarded<double>& found, const std::string& what) {
      for (std::size_t j = 0; j < found.size(); ++j) {
        Step<double> above(start), below(start);
        (above.*member)[j] += 1e-5;
        (below.*member)[j] -= 1e-5;
        double expected = static_cast<double>((loss(above) - loss(below)) / 2e-5L);
        EXPECT_NEAR(found[j], expected, 1e-7 * (1 + std::abs(expected))) << what << " " << j << ", " << seed;
      }
    };
    compare(&Step<double>::row, step.dgates, "gate");
    compare(&Step<double>::C, step.dC, "C");
    compare(&Step<double>::n, step.dn, "n");
    compare(&Step<double>::m, step.dm, "m");
  }
  EXPECT_GT(floors, 0u);
  EXPECT_LT(floors, cases);
  EXPECT_GT(from_f, 0u);
  EXPECT_LT(from_f, cases);
}

}  // namespace
}  // namespace carousel::kernels
