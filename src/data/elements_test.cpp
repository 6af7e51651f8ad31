#include "data/elements.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::ElementsAre;

std::vector<float> read(std::string_view bytes, ElementType type) {
  std::vector<float> out(bytes.size() / type.size_bytes);
  to_floats(bytes, type, out, "numbers");
  return out;
}

template <std::size_t N>
std::string_view bytes(const char (&text)[N]) {
  return {text, N - 1};
}

constexpr ElementType type_of(ElementKind kind, std::size_t size, std::endian order = std::endian::little) {
  return {kind, size, order};
}

TEST(Elements, IntegersOfEverySizeAndOrder) {
  using enum ElementKind;
  const auto big = std::endian::big;
  EXPECT_THAT(read(bytes("\x00\x01\xff"), type_of(boolean, 1)), ElementsAre(0, 1, 1));
  EXPECT_THAT(read(bytes("\x00\x7f\xff"), type_of(unsigned_integer, 1)), ElementsAre(0, 127, 255));
  EXPECT_THAT(read(bytes("\x80\x7f\xff"), type_of(signed_integer, 1)), ElementsAre(-128, 127, -1));
  EXPECT_THAT(read(bytes("\x01\x02\xff\xff"), type_of(unsigned_integer, 2)), ElementsAre(0x201, 65535));
  EXPECT_THAT(read(bytes("\x01\x02\xff\xfe"), type_of(signed_integer, 2, big)), ElementsAre(0x102, -2));
  EXPECT_THAT(read(bytes("\x00\x00\x01\x00\xff\xff\xff\xff"), type_of(signed_integer, 4)),
              ElementsAre(65536, -1));
  EXPECT_THAT(read(bytes("\xff\xff\xff\xff"), type_of(unsigned_integer, 4)), ElementsAre(4294967296.0f));
  EXPECT_THAT(read(bytes("\xff\xff\xff\xff\xff\xff\xff\xfd"), type_of(signed_integer, 8, big)),
              ElementsAre(-3));
  EXPECT_THAT(read(bytes("\x80\x00\x00\x00\x00\x00\x00\x00"), type_of(unsigned_integer, 8, big)),
              ElementsAre(0x1p63f));
}

TEST(Elements, FloatingOnesOfEverySize) {
  using enum ElementKind;
  EXPECT_THAT(read(bytes("\x00\x00\xc0\xbf"), type_of(floating, 4)), ElementsAre(-1.5f));
  EXPECT_THAT(read(bytes("\xbf\xc0\x00\x00"), type_of(floating, 4, std::endian::big)), ElementsAre(-1.5f));
  EXPECT_THAT(read(bytes("\x9a\x99\x99\x99\x99\x99\xb9\x3f"), type_of(floating, 8)), ElementsAre(0.1f));
  EXPECT_THAT(read(bytes("\x3c\x00\xc0\x00"), type_of(floating, 2, std::endian::big)), ElementsAre(1, -2));
}

/// The value of a binary16 by its definition: (-1)^s 2^(e - 15) (1 + f / 1024), 2^-24 f for e = 0.
TEST(Elements, EveryHalf) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const int exponent = static_cast<int>(bits >> 10 & 31), fraction = static_cast<int>(bits & 1023);
    const float found = half_to_float(static_cast<std::uint16_t>(bits));
    ASSERT_EQ(std::signbit(found), bits >= 32768) << bits;
    if (exponent == 31) {
      ASSERT_EQ(std::isnan(found), fraction != 0) << bits;
      ASSERT_EQ(std::isinf(found), fraction == 0) << bits;
      continue;
    }
    const double magnitude =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    ASSERT_EQ(std::fabs(found), magnitude) << bits;
  }
}

TEST(Elements, ADoubleBeyondAFloatIsRefusedByPlace) {
  const std::vector<double> numbers = {1, std::numeric_limits<double>::infinity(), -1e300};
  const std::string_view view(reinterpret_cast<const char*>(numbers.data()), 24);
  std::vector<float> out(3);
  try {
    to_floats(view, type_of(ElementKind::floating, 8), out, "a.npy", 10);
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("a.npy, number 13: found -1e+300"));
  }
  EXPECT_TRUE(std::isinf(out[1]));
}

TEST(Elements, AWrongCallIsRefused) {
  std::vector<float> out(2);
  EXPECT_THROW(to_floats("abc", type_of(ElementKind::floating, 1), out, "a"), Error);
  EXPECT_THROW(to_floats("abcdef", type_of(ElementKind::floating, 3), out, "a"), Error);
  EXPECT_THROW(to_floats("abcd", type_of(ElementKind::floating, 4), out, "a"), Error);
}

}  // namespace
}  // namespace carousel
