#include "kernels/gemm.h"

#include <algorithm>
#include <cstring>

#include "kernels/gemm_testing.h"

namespace carousel::kernels {
namespace {

template <class T>
void every_target_agrees(const Case& of) {
  const Operands<T> x(of, 17 * of.m + 31 * of.n + 7 * of.k);
  const Guarded<T> expected = by_definition(of, x);
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    ASSERT_TRUE(same_bits(expected, by_kernel(of, x))) << target << " " << of;
  }
}

TYPED_TEST_SUITE(KernelTest, Types);

TYPED_TEST(KernelTest, GemmIsItsDefinitionOnEveryTargetAtAllSizesOfM) {
  for (std::size_t m = 1; m <= 130; ++m) {
    every_target_agrees<TypeParam>({m, 1, 1});
    every_target_agrees<TypeParam>({m, 19, 6, Start::bias});
    every_target_agrees<TypeParam>({m, 67, 3, Start::accumulate, true});
  }
}

TYPED_TEST(KernelTest, GemmIsItsDefinitionOnEveryTargetAtAllSizesOfN) {
  for (std::size_t n = 1; n <= 130; ++n) {
    for (const std::size_t m : {1, 2, 3, 4, 6, 13}) {
      every_target_agrees<TypeParam>({m, n, 5, Start::bias, n % 2 == 0, n % 3 == 0});
    }
  }
  for (const std::size_t n : {256, 257, 300, 400}) every_target_agrees<TypeParam>({1, n, 70, Start::bias});
}

TYPED_TEST(KernelTest, GemmIsItsDefinitionOnEveryTargetAtAllSizesOfK) {
  for (std::size_t k = 1; k <= 130; ++k) {
    every_target_agrees<TypeParam>({1, 33, k});
    every_target_agrees<TypeParam>({8, 17, k, Start::accumulate, k % 2 == 0, true});
  }
  for (const std::size_t k : {255, 256, 257, 511, 512, 513, 700}) {
    for (const Start start : {Start::zero, Start::bias, Start::accumulate}) {
      every_target_agrees<TypeParam>({7, 21, k, start, false, false});
      every_target_agrees<TypeParam>({2, 70, k, start, true, true});
    }
  }
}

TYPED_TEST(KernelTest, GemmIsItsDefinitionOverSeveralBlocksOfRows) {
  every_target_agrees<TypeParam>({250, 20, 260, Start::accumulate, true, false});
  every_target_agrees<TypeParam>({250, 20, 260, Start::bias, false, true});
}

TYPED_TEST(KernelTest, GemmOfNoColumnsOfALeavesTheStart) {
  using T = TypeParam;
  for (const Start start : {Start::zero, Start::bias, Start::accumulate}) {
    every_target_agrees<T>({5, 9, 0, start});
  }
}

TYPED_TEST(KernelTest, GemmTakesAnyStrides) {
  using T = TypeParam;
  const std::size_t m = 11, n = 37, k = 23;
  const Guarded<T> a = random_values<T>((m - 1) * 100 + (k - 1) * 3 + 1, 1);
  const Guarded<T> b = random_values<T>((k - 1) * 2 + (n - 1) * 50 + 1, 2);
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    PackedMatrix<T> right;
    right.pack(b.data(), k, n, 2, 50);
    Guarded<T> c(m * n);
    gemm(m, {a.data(), 100, 3}, right, c.data(), n, Start::zero);
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        T s = 0;
        for (std::size_t l = 0; l < k; ++l) s = std::fma(a[i * 100 + l * 3], b[l * 2 + j * 50], s);
        ASSERT_TRUE(same_bits(s, c[i * n + j])) << target << " at " << i << ", " << j;
      }
    }
  }
}

TYPED_TEST(KernelTest, GemmOfSomePanelsWritesTheirColumnsOnly) {
  using T = TypeParam;
  for (const std::size_t m : {1, 2, 9}) {
    const Case of{m, 401, 40, Start::bias};
    const Operands<T> x(of, m);
    const Guarded<T> whole = by_definition(of, x);
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      const PackedMatrix<T> b = packed(of, x);
      for (std::size_t begin = 0; begin < std::min<std::size_t>(b.panels(), 4); ++begin) {
        for (std::size_t end = begin; end <= b.panels(); ++end) {
          Guarded<T> c(x.c), expected(x.c);
          gemm(m, x.left(of), b, c.data(), x.stride(of), of.start, x.bias.data(),
               static_cast<const Epilogue*>(nullptr), begin, end);
          const auto first_column = [&](std::size_t p) {
            return p == b.panels() ? of.n : b.columns(p)->begin;
          };
          const std::size_t first = first_column(begin), last = first_column(end);
          for (std::size_t r = 0; r < m; ++r) {
            const std::size_t row = r * x.stride(of);
            std::copy(whole.begin() + row + first, whole.begin() + row + last,
                      expected.begin() + row + first);
          }
          ASSERT_TRUE(same_bits(expected, c)) << target << " panels " << begin << " to " << end;
        }
      }
    }
  }
}

TYPED_TEST(KernelTest, InterleavedPartsChangeNothing) {
  using T = TypeParam;
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    for (const std::size_t parts : {2, 3, 4})
      for (std::size_t units = 1; units <= 70; units += units < 20 ? 1 : 7)
        for (const std::size_t m : {1, 2, 7}) {
          const Case of{m, parts * units, 300, Start::bias};
          const Operands<T> x(of, units);
          Guarded<T> plain(x.c), interleaved(x.c);
          gemm(m, x.left(of), packed(of, x), plain.data(), x.stride(of), of.start, x.bias.data());
          PackedMatrix<T> b;
          b.pack(x.b.data(), of.k, of.n, of.n, 1, parts);
          gemm(m, x.left(of), b, interleaved.data(), x.stride(of), of.start, x.bias.data());
          ASSERT_TRUE(same_bits(plain, interleaved)) << target << ", " << parts << " parts of " << units;
        }
  }
}

/// What an epilogue saw: how often each unit of each row came by, and the outputs at that moment.
template <class T>
struct Seen {
  static void call(const void* context, std::size_t row, std::size_t rows, std::size_t unit,
                   std::size_t count) noexcept {
    Seen& seen = *static_cast<Seen*>(const_cast<void*>(context));
    for (std::size_t r = row; r < row + rows; ++r)
      for (std::size_t u = unit; u < unit + count; ++u) {
        ++seen.times[r * seen.units + u];
        for (std::size_t p = 0; p < seen.parts; ++p) {
          const std::size_t column = p * seen.units + u;
          seen.copy[r * seen.parts * seen.units + column] = seen.c[r * seen.stride + column];
        }
      }
  }

  std::size_t parts, units;
  const T* c;
  std::size_t stride;
  std::vector<int> times;
  std::vector<T> copy;
};

TYPED_TEST(KernelTest, AnEpilogueSeesEveryOutputOnceWhenItIsThere) {
  using T = TypeParam;
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    for (const std::size_t parts : {1, 3, 4})
      for (const std::size_t units : {1, 16, 37, 200})
        for (const std::size_t m : {1, 3, 130}) {
          const Case of{m, parts * units, 300, Start::accumulate};
          const Operands<T> x(of, units);
          PackedMatrix<T> b;
          b.pack(x.b.data(), of.k, of.n, of.n, 1, parts);
          Guarded<T> c(x.c);
          Seen<T> seen{
              parts, units, c.data(), x.stride(of), std::vector<int>(m * units), std::vector<T>(m * of.n)};
          const Epilogue epilogue{Seen<T>::call, &seen};
          gemm(m, x.left(of), b, c.data(), x.stride(of), of.start, static_cast<const T*>(nullptr), &epilogue);
          for (std::size_t r = 0; r < m; ++r)
            for (std::size_t n = 0; n < of.n; ++n) {
              ASSERT_EQ(seen.times[r * units + n % units], 1)
                  << target << " row " << r << " unit " << n % units;
              ASSERT_TRUE(same_bits(seen.copy[r * of.n + n], c[r * x.stride(of) + n]))
                  << target << ", " << parts << " parts of " << units << ", row " << r << ", column " << n;
            }
        }
  }
}

TYPED_TEST(KernelTest, GemmPassesNanAndInfinityOnToTheirRowsAlone) {
  using T = TypeParam;
  const Case of{7, 70, 30};
  Operands<T> x(of, 5);
  x.a[2 * of.k + 4] = std::numeric_limits<T>::infinity();
  x.a[3 * of.k + 4] = -std::numeric_limits<T>::quiet_NaN();
  x.a[5 * of.k + 1] = std::numeric_limits<T>::infinity();
  x.a[5 * of.k + 2] = -std::numeric_limits<T>::infinity();
  std::fill_n(x.b.begin() + of.n, 2 * of.n, T{1});
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    const Guarded<T> c = by_kernel(of, x);
    for (std::size_t r = 0; r < of.m; ++r) {
      for (std::size_t n = 0; n < of.n; ++n) {
        const T value = c[r * x.stride(of) + n];
        if (r == 2) {
          ASSERT_TRUE(std::isinf(value) && std::signbit(value) == std::signbit(x.b_at(of, 4, n)));
        } else if (r == 3 || r == 5) {
          ASSERT_TRUE(same_bits(std::numeric_limits<T>::quiet_NaN(), value)) << target << " row " << r;
        } else {
          ASSERT_TRUE(std::isfinite(value)) << target << " row " << r;
        }
      }
    }
  }
}

TEST(Gemm, FloatIsCloseToDouble) {
  const Case of{33, 129, 513, Start::bias};
  const Operands<float> x(of, 9);
  const Guarded<float> c = by_kernel(of, x);
  for (std::size_t m = 0; m < of.m; ++m) {
    for (std::size_t n = 0; n < of.n; ++n) {
      double s = x.bias[n];
      for (std::size_t k = 0; k < of.k; ++k) s += double{x.a[m * of.k + k]} * x.b_at(of, k, n);
      ASSERT_NEAR(c[m * x.stride(of) + n], s, 2e-5);  // about 0.3 * sqrt(513) * 256 * 2^-24 at worst
    }
  }
}

TYPED_TEST(KernelTest, PackingAgainForASmallerMatrixReusesTheMemory) {
  using T = TypeParam;
  const Guarded<T> values = random_values<T>(64 * 100, 4);
  PackedMatrix<T> b;
  b.pack(values.data(), 64, 100, 100, 1);
  const T* before = b.panel(0);
  b.pack(values.data(), 30, 70, 70, 1);
  EXPECT_EQ(b.panel(0), before);
  EXPECT_EQ(b.k(), 30u);
  EXPECT_EQ(b.n(), 70u);
}

TYPED_TEST(KernelTest, AMatrixPackedForAnotherTargetStillGivesTheProduct) {
  using T = TypeParam;
  const Case of{7, 70, 33};
  const Operands<T> x(of, 5);
  const Guarded<T> expected = by_definition(of, x);
  for (const std::string& packed_for : available_targets()) {
    use_target(packed_for);
    PackedMatrix<T> b;
    b.pack(x.b.data(), of.k, of.n, of.n, 1);
    for (const std::string& now : available_targets()) {
      use_target(now);
      Guarded<T> c(x.c);
      gemm(of.m, x.left(of), b, c.data(), x.stride(of), Start::zero);
      EXPECT_EQ(0, std::memcmp(c.data(), expected.data(), c.size() * sizeof(T))) << packed_for << ", " << now;
    }
  }
  use_best_target();
}

TYPED_TEST(KernelTest, PackingASizeThatCannotExistThrows) {
  PackedMatrix<TypeParam> b;
  const std::size_t huge = std::numeric_limits<std::size_t>::max() / 2;
  EXPECT_THROW(b.pack(nullptr, huge, huge, 1, 1), std::bad_alloc);
}

}  // namespace
}  // namespace carousel::kernels
