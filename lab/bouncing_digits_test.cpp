// The films: digits stay whole, move straight on and turn round at the edges.
#include "lab/bouncing_digits.h"

#include <carousel/error.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace carousel::lab {
namespace {

constexpr std::size_t kSteps = 40, kSide = BouncingDigits::kSide, kPixels = BouncingDigits::kPixels;

/// The film of one image, two of which are in it.
std::vector<float> film(const std::vector<float>& image, std::uint64_t seed) {
  std::vector<float> frames(kSteps * kPixels);
  BouncingDigits(image).draw({seed, 0}, kSteps, frames);
  return frames;
}

TEST(BouncingDigits, TurnRoundAtBothEdges) {
  EXPECT_DOUBLE_EQ(bounced(5, 2, 3, 18), 11);
  EXPECT_DOUBLE_EQ(bounced(15, 2, 3, 18), 15);  // to 18 and back
  EXPECT_DOUBLE_EQ(bounced(1, -2, 3, 18), 5);   // to 0 and back
  EXPECT_DOUBLE_EQ(bounced(0, 18, 5, 18), 18);
}

TEST(BouncingDigits, ABrightSquareStaysWholeAndMoves) {
  const std::vector<float> frames = film(std::vector<float>(28 * 28, 1.0F), 5);
  std::size_t same = 0;
  for (std::size_t t = 0; t < kSteps; ++t) {
    const std::span<const float> frame = std::span(frames).subspan(t * kPixels, kPixels);
    const auto bright = static_cast<std::size_t>(std::ranges::count(frame, 1.0F));
    EXPECT_EQ(bright + static_cast<std::size_t>(std::ranges::count(frame, 0.0F)), kPixels);
    EXPECT_GE(bright, 14u * 14);
    EXPECT_LE(bright, 2u * 14 * 14);
    if (t > 0 && std::ranges::equal(frame, std::span(frames).subspan((t - 1) * kPixels, kPixels))) ++same;
  }
  EXPECT_EQ(same, 0u);
}

TEST(BouncingDigits, AMeanOfFourPixelsBecomesOneOfASquareOfTheFrame) {
  std::vector<float> image(28 * 28);
  image[0] = image[1] = 1;  // of the digit's first pixel, half
  const std::vector<float> frames = film(image, 6);
  for (std::size_t t = 0; t < kSteps; ++t) {
    std::size_t halves = 0;
    for (std::size_t y = 0; y < kSide; ++y)
      for (std::size_t x = 0; x < kSide; ++x) {
        const float value = frames[t * kPixels + BouncingDigits::place_of(y, x)];
        if (value == 0) continue;
        ++halves;
        EXPECT_EQ(value, 0.5F);
        EXPECT_LE(std::max(x, y), kSide - 14);  // there is place for the rest of the digit
      }
    EXPECT_GE(halves, 1u);
    EXPECT_LE(halves, 2u);
  }
}

TEST(BouncingDigits, EveryPixelHasAPlaceOfItsOwn) {
  std::vector<int> times(kPixels);
  for (std::size_t y = 0; y < kSide; ++y)
    for (std::size_t x = 0; x < kSide; ++x) ++times[BouncingDigits::place_of(y, x)];
  EXPECT_EQ(std::ranges::count(times, 1), static_cast<std::ptrdiff_t>(kPixels));
  EXPECT_EQ(BouncingDigits::place_of(0, 5), 16u + 1);  // in the second square
}

TEST(BouncingDigits, RefuseImagesOfAnotherSize) {
  EXPECT_THROW(BouncingDigits(std::vector<float>(27 * 28)), Error);
  EXPECT_THROW(BouncingDigits(std::vector<float>()), Error);
}

}  // namespace
}  // namespace carousel::lab
