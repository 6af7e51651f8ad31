#include "kernels/attention.h"

#include "kernels/activations.h"
#include "kernels/gemm.h"
#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

TYPED_TEST_SUITE(KernelTest, Types);

TYPED_TEST(KernelTest, WeightedRowsAreSummedInBlocksOnEveryTargetAtEverySize) {
  using T = TypeParam;
  for (std::size_t n = 1; n <= 130; ++n)
    for (const std::size_t rows : {std::size_t{0}, std::size_t{1}, n, kBlockK + n}) {
      const Guarded<T> weights = random_values<T>(rows, n), x = random_values<T>(rows * n, n + 1);
      const Guarded<T> start = random_values<T>(n, n + 2);
      Guarded<T> expected(start);
      for (std::size_t j = 0; j < n; ++j)
        for (std::size_t begin = 0; begin < rows; begin += kBlockK) {
          T sum = 0;
          for (std::size_t r = begin; r < std::min(rows, begin + kBlockK); ++r)
            sum = std::fma(weights[r], x[r * n + j], sum);
          expected[j] += sum;
        }
      for (const std::string& target : available_targets()) {
        const ForcedTarget forced(target);
        Guarded<T> out(start);
        add_weighted_rows(weights.data(), x.data(), rows, n, n, out.data());
        ASSERT_TRUE(same_bits(expected, out)) << target << " n " << n << " rows " << rows;
      }
    }
}

TYPED_TEST(KernelTest, AWeightedRowIsAddedToRowsOnEveryTargetAtEverySize) {
  using T = TypeParam;
  constexpr std::size_t rows = 3;
  for (std::size_t n = 1; n <= 130; ++n) {
    const Guarded<T> weights = random_values<T>(rows, n), x = random_values<T>(n, n + 1);
    const Guarded<T> start = random_values<T>(rows * n, n + 2);
    Guarded<T> expected(start);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t j = 0; j < n; ++j)
        expected[r * n + j] = std::fma(weights[r], x[j], expected[r * n + j]);
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      Guarded<T> out(start);
      add_to_rows(weights.data(), x.data(), rows, n, out.data(), n);
      ASSERT_TRUE(same_bits(expected, out)) << target << " n " << n;
    }
  }
}

TYPED_TEST(KernelTest, TanhOfASumAndItsGradientOnEveryTargetAtEverySize) {
  using T = TypeParam;
  for (std::size_t n = 1; n <= 130; ++n) {
    const Guarded<T> a = random_values<T>(n, n), b = random_values<T>(n, n + 1),
                     v = random_values<T>(n, n + 2);
    const Guarded<T> start = random_values<T>(n, n + 3);
    const T de = T(0.7);
    Guarded<T> u(n), dv(start), da(start), db(start);
    for (std::size_t j = 0; j < n; ++j) u[j] = a[j] + b[j];
    tanh(u.data(), u.data(), n);
    for (std::size_t j = 0; j < n; ++j) {
      dv[j] = std::fma(de, u[j], dv[j]);
      const T dsum = de * v[j] * std::fma(-u[j], u[j], T(1));
      da[j] += dsum;
      db[j] += dsum;
    }
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      Guarded<T> out(n), dv_out(start), da_out(start), db_out(start);
      tanh_of_sum(a.data(), b.data(), out.data(), n);
      ASSERT_TRUE(same_bits(u, out)) << target << " n " << n;
      tanh_of_sum_gradient(de, v.data(), u.data(), n, dv_out.data(), da_out.data(), db_out.data());
      ASSERT_TRUE(same_bits(dv, dv_out)) << target << " n " << n;
      ASSERT_TRUE(same_bits(da, da_out)) << target << " n " << n;
      ASSERT_TRUE(same_bits(db, db_out)) << target << " n " << n;
    }
  }
}

}  // namespace
}  // namespace carousel::kernels
