// Products with reduced weights against their definition, which is computed here in double and in whole
// numbers.
#include "kernels/gemm_testing.h"

namespace carousel::kernels {
namespace {

constexpr WeightFormat kReduced[] = {WeightFormat::bf16, WeightFormat::int8};

double nearest_even(double x) { return std::nearbyint(x); }

/// The bf16 nearest to w, by arithmetic: 8 significant bits.
float rounded_to_8_bits(float w) {
  int exponent = 0;
  const double digits = std::frexp(static_cast<double>(w), &exponent);
  return static_cast<float>(std::ldexp(nearest_even(digits * 256), exponent - 8));
}

float largest_magnitude(const float* p, std::size_t n, std::size_t stride) {
  float largest = 0;
  for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(p[i * stride]));
  return largest;
}

/// The definition in gemm.h of a product with int8 weights.
Guarded<float> by_int8_definition(const Case& of, const Operands<float>& x) {
  Guarded<float> result(x.c);
  const LeftMatrix<float> a = x.left(of);
  for (std::size_t m = 0; m < of.m; ++m) {
    const float* row = a.data + m * a.m_stride;
    const float largest_a = std::max(0x1p-100f, largest_magnitude(row, of.k, a.k_stride));
    const float factor = 32767 / largest_a;
    for (std::size_t n = 0; n < of.n; ++n) {
      const float scale = int8_scale(of.b_transposed ? x.b.data() + n * of.k : x.b.data() + n, of.k,
                                     of.b_transposed ? 1 : of.n);
      float& c = result[m * x.stride(of) + n];
      if (of.start == Start::zero) c = 0;
      if (of.start == Start::bias) c = x.bias[n];
      for (std::size_t begin = 0; begin < of.k; begin += kBlockK) {
        std::int64_t sum = 0;
        for (std::size_t k = begin; k < std::min(of.k, begin + kBlockK); ++k) {
          const double q = scale == 0 ? 0 : nearest_even(double{x.b_at(of, k, n)} / scale);
          sum += static_cast<std::int64_t>(nearest_even(double{row[k * a.k_stride]} * factor)) *
                 static_cast<std::int64_t>(q);
        }
        const float scales = (largest_a / 32767) * scale;
        c = c + static_cast<float>(sum) * scales;
      }
    }
  }
  return result;
}

Guarded<float> by_format_definition(const Case& of, const Operands<float>& x) {
  if (of.format == WeightFormat::int8) return by_int8_definition(of, x);
  Operands<float> rounded(x);
  for (float& w : rounded.b) w = rounded_to_8_bits(w);
  return by_definition(of, rounded);
}

void every_target_agrees(Case of) {
  const Operands<float> x(of, 17 * of.m + 31 * of.n + 7 * of.k);
  for (const WeightFormat format : kReduced) {
    of.format = format;
    const Guarded<float> expected = by_format_definition(of, x);
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      ASSERT_TRUE(same_bits(expected, by_kernel(of, x))) << target << " " << of;
    }
  }
}

TEST(GemmFormats, EveryTargetKeepsTheDefinitionAtAllSizesOfM) {
  for (std::size_t m = 1; m <= 130; ++m) {
    every_target_agrees({m, 1, 1});
    every_target_agrees({m, 19, 6, Start::bias});
    every_target_agrees({m, 67, 3, Start::accumulate, true});
  }
}

TEST(GemmFormats, EveryTargetKeepsTheDefinitionAtAllSizesOfN) {
  for (std::size_t n = 1; n <= 130; ++n)
    for (const std::size_t m : {1, 2, 3, 4, 6, 13})
      every_target_agrees({m, n, 5, Start::bias, n % 2 == 0, n % 3 == 0});
  for (const std::size_t n : {256, 257, 300, 400}) every_target_agrees({1, n, 70, Start::bias});
}

TEST(GemmFormats, EveryTargetKeepsTheDefinitionAtAllSizesOfK) {
  for (std::size_t k = 0; k <= 130; ++k) {
    every_target_agrees({1, 33, k});
    every_target_agrees({8, 17, k, Start::accumulate, k % 2 == 0, true});
  }
  for (const std::size_t k : {255, 256, 257, 511, 512, 513, 700})
    for (const Start start : {Start::zero, Start::bias, Start::accumulate}) {
      every_target_agrees({7, 21, k, start, false, false});
      every_target_agrees({2, 70, k, start, true, true});
    }
}

TEST(GemmFormats, SeveralBlocksOfRows) {
  every_target_agrees({250, 20, 260, Start::accumulate, true, false});
  every_target_agrees({250, 20, 260, Start::bias, false, true});
}

/// All products as large as they can be, all of one sign: the sums come as near to 2^31 as they ever do.
TEST(GemmFormats, TheLargestSumsAreExact) {
  for (const float sign : {1.0f, -1.0f}) {
    const Case of{7, 70, 513, Start::zero, false, false, WeightFormat::int8};
    Operands<float> x(of, 1);
    std::ranges::fill(x.a, 3.0f);
    std::ranges::fill(x.b, sign * 0.7f);
    const Guarded<float> expected = by_format_definition(of, x);
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      ASSERT_TRUE(same_bits(expected, by_kernel(of, x))) << target;
    }
  }
}

TEST(GemmFormats, InterleavedPartsAndSomePanelsChangeNothing) {
  for (const WeightFormat format : kReduced)
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      for (const std::size_t units : {1, 16, 37, 64, 200})
        for (const std::size_t m : {1, 2, 7}) {
          const Case of{m, 4 * units, 300, Start::bias, false, false, format};
          const Operands<float> x(of, units);
          const Guarded<float> expected = by_format_definition(of, x);
          PackedMatrix<float> b;
          b.pack(x.b.data(), of.k, of.n, of.n, 1, 4, format);
          Guarded<float> c(x.c);
          for (std::size_t p = 0; p < b.panels(); p += b.group_panels())
            gemm(m, x.left(of), b, c.data(), x.stride(of), of.start, x.bias.data(),
                 static_cast<const Epilogue*>(nullptr), p, std::min(b.panels(), p + b.group_panels()));
          ASSERT_TRUE(same_bits(expected, c)) << target << ", " << of;
        }
    }
}

TEST(GemmFormats, NanAndInfinityStayInTheirRows) {
  for (const WeightFormat format : kReduced) {
    const Case of{7, 70, 30, Start::zero, false, false, format};
    Operands<float> x(of, 5);
    x.a[2 * of.k + 4] = std::numeric_limits<float>::quiet_NaN();
    x.a[3 * of.k + 4] = -std::numeric_limits<float>::infinity();
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      const Guarded<float> c = by_kernel(of, x);
      for (std::size_t r = 0; r < of.m; ++r)
        for (std::size_t n = 0; n < of.n; ++n) {
          const float value = c[r * x.stride(of) + n];
          const bool nan = r == 2 || (r == 3 && format == WeightFormat::int8);
          if (nan) {
            ASSERT_TRUE(same_bits(std::numeric_limits<float>::quiet_NaN(), value)) << target << " row " << r;
          } else {
            ASSERT_EQ(std::isfinite(value), r != 3) << target << " row " << r;
          }
        }
    }
  }
}

/// Of any size, down to what counts as zero.
TEST(GemmFormats, RowsAndColumnsOfAnySize) {
  for (const WeightFormat format : kReduced)
    for (const float size : {0.0f, 0x1p-149f, 0x1p-120f, 0x1p-100f, 0x1p-60f, 0x1p60f}) {
      const Case of{3, 40, 70, Start::zero, false, false, format};
      Operands<float> x(of, 8);
      for (std::size_t k = 0; k < of.k; ++k) x.a[of.k + k] *= size;
      for (std::size_t k = 0; k < of.k; ++k) x.b[k * of.n + 3] *= 1 / std::max(size, 0x1p-100f);
      const Guarded<float> expected = by_format_definition(of, x);
      for (const std::string& target : available_targets()) {
        const ForcedTarget forced(target);
        ASSERT_TRUE(same_bits(expected, by_kernel(of, x))) << target << " " << size;
      }
    }
}

/// What the formats cost: the error of a dot product of unlike signs, in units of its spread.
TEST(GemmFormats, ErrorsAreAsSmallAsTheBitsLetThemBe) {
  for (const auto& [format, limit] :
       {std::pair(WeightFormat::bf16, 3e-3), std::pair(WeightFormat::int8, 5e-3)}) {
    const Case of{20, 100, 512, Start::zero, false, false, format};
    const Operands<float> x(of, 11);
    const Guarded<float> c = by_kernel(of, x);
    double error = 0, spread = 0;
    for (std::size_t m = 0; m < of.m; ++m)
      for (std::size_t n = 0; n < of.n; ++n) {
        double s = 0;
        for (std::size_t k = 0; k < of.k; ++k) s += double{x.a[m * of.k + k]} * x.b_at(of, k, n);
        error += std::pow(c[m * x.stride(of) + n] - s, 2);
        spread += s * s;
      }
    EXPECT_LT(std::sqrt(error / spread), limit) << name(format);
    EXPECT_GT(std::sqrt(error / spread), limit / 10) << name(format) << " seems not to be used";
  }
}

}  // namespace
}  // namespace carousel::kernels
