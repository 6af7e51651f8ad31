#include "kernels/weight_format.h"

#include <algorithm>

#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

/// Every finite bf16, ascending: what 16 bits followed by 16 zero bits mean.
std::vector<double> all_bf16() {
  std::vector<double> all;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = std::bit_cast<float>(bits << 16);
    if (std::isfinite(value)) all.push_back(value);
  }
  std::ranges::sort(all);
  return all;
}

TEST(WeightFormat, Bf16IsTheNearestOfAllTiesToTheEvenOne) {
  const std::vector<double> all = all_bf16();
  const Random random(1, 0);
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const auto bits = static_cast<std::uint32_t>(random.uniform(i) * 4294967296.0);
    // Every third lies half way between two.
    const float w = std::bit_cast<float>(i % 3 == 0 ? (bits & 0xFFFF0000) | 0x8000 : bits);
    if (!std::isfinite(w)) continue;
    const auto above = std::ranges::lower_bound(all, double{w});
    if (above == all.begin() || above == all.end()) continue;
    const double up = *above, down = *(above - 1), found = from_bf16(to_bf16(w));
    if (up - w != w - down) {
      ASSERT_EQ(found, up - w < w - down ? up : down) << std::hexfloat << w;
    } else {
      ASSERT_TRUE(found == up || found == down);
      ASSERT_EQ(to_bf16(w) % 2, 0) << std::hexfloat << w;
    }
  }
}

TEST(WeightFormat, Bf16OfEdges) {
  using Limits = std::numeric_limits<float>;
  const float largest = std::bit_cast<float>(0x7F7F0000u);
  EXPECT_EQ(from_bf16(to_bf16(Limits::max())), largest);
  EXPECT_EQ(from_bf16(to_bf16(Limits::lowest())), -largest);
  EXPECT_EQ(from_bf16(to_bf16(Limits::infinity())), Limits::infinity());
  EXPECT_TRUE(std::isnan(from_bf16(to_bf16(std::bit_cast<float>(0x7F800001u)))));
  EXPECT_TRUE(std::signbit(from_bf16(to_bf16(-0.0f))));
  EXPECT_EQ(from_bf16(to_bf16(1.0f)), 1.0f);
}

/// Rows of every size that floats have, and some of no size at all.
std::vector<float> largest_values() {
  std::vector<float> values = {0,
                               0x1p-149f,
                               0x1p-126f,
                               0x1.fffffep-101f,
                               0x1p-100f,
                               1.0f,
                               127.0f,
                               127.5f,
                               std::numeric_limits<float>::max(),
                               0.1f};
  const Random random(7, 0);
  for (std::uint64_t i = 0; i < 3000; ++i)
    values.push_back(
        static_cast<float>(std::ldexp(1 + random.uniform(2 * i), static_cast<int>(i % 250) - 123)));
  return values;
}

TEST(WeightFormat, Int8ScaleHas16BitsAndReachesTheLargest) {
  for (const float largest : largest_values()) {
    const float scale = int8_scale(largest);
    if (largest < 0x1p-100f) {
      EXPECT_EQ(scale, 0);
      continue;
    }
    ASSERT_TRUE(std::isfinite(127 * scale)) << largest;
    int exponent = 0;
    const double digits = std::frexp(static_cast<double>(scale), &exponent) * 65536;
    ASSERT_EQ(digits, std::floor(digits)) << std::hexfloat << largest;
    ASSERT_EQ(to_int8(largest, scale), 127) << std::hexfloat << largest;
    ASSERT_EQ(to_int8(-largest, scale), -127);
    // Rounded up by less than one unit of 16 bits, or down at the end of what floats hold.
    ASSERT_NEAR(double{scale} * 127 / double{largest}, 1, std::ldexp(1.0, -14)) << std::hexfloat << largest;
  }
}

TEST(WeightFormat, Int8IsTheNearestMultipleOfTheScale) {
  const Guarded<float> w = random_values<float>(5000, 3, 0.3);
  const float scale = int8_scale(w.data(), w.size(), 1);
  for (const float x : w) {
    const double q = to_int8(x, scale);
    ASSERT_LE(std::abs(q), 127);
    ASSERT_LE(std::abs(x / double{scale} - q), 0.5 + 1e-6);
  }
  EXPECT_EQ(to_int8(2.5f, 1.0f), 2);
  EXPECT_EQ(to_int8(-3.5f, 1.0f), -4);
}

TEST(WeightFormat, RoundingTwiceChangesNothing) {
  for (const WeightFormat format : {WeightFormat::float32, WeightFormat::bf16, WeightFormat::int8}) {
    const std::vector<float> sizes = largest_values();
    constexpr std::size_t columns = 33;
    Guarded<float> once = random_values<float>(sizes.size() * columns, 5);
    for (std::size_t r = 0; r < sizes.size(); ++r)
      for (std::size_t c = 0; c < columns; ++c) once[r * columns + c] *= sizes[r];
    const Guarded<float> before(once);
    round_weights(format, once.data(), sizes.size(), columns);
    EXPECT_EQ(format == WeightFormat::float32, bool{same_bits(before, once)});
    Guarded<float> twice(once);
    round_weights(format, twice.data(), sizes.size(), columns);
    ASSERT_TRUE(same_bits(once, twice)) << name(format);
    for (std::size_t r = 0; r < sizes.size(); ++r) {
      const float scale = int8_scale(once.data() + r * columns, columns, 1);
      if (format == WeightFormat::int8) {
        ASSERT_EQ(scale, int8_scale(before.data() + r * columns, columns, 1));
      }
    }
  }
}

}  // namespace
}  // namespace carousel::kernels
