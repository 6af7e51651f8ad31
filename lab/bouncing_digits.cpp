#include "lab/bouncing_digits.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "data/idx.h"

namespace carousel::lab {

namespace {

constexpr std::size_t kImage = 2 * BouncingDigits::kDigit, kImagePixels = kImage * kImage;

std::vector<float> images_of(const std::string& path, std::size_t most) {
  Array array = read_idx(path);
  if (array.shape.rank() != 3 || array.shape[1] != kImage || array.shape[2] != kImage)
    throw DataError(fmt::format("{}: expected images of {} x {}", path, kImage, kImage));
  array.values.resize(std::min(array.values.size(), most * kImagePixels));
  for (float& value : array.values) value /= 255;
  return std::move(array.values);
}

}  // namespace

BouncingDigits::BouncingDigits(std::span<const float> images) {
  if (images.empty() || images.size() % kImagePixels != 0)
    throw Error(fmt::format("[bouncing_digits] expected images of {} x {}, got {} numbers", kImage, kImage,
                            images.size()));
  for (std::size_t first = 0; first < images.size(); first += kImagePixels)
    for (std::size_t y = 0; y < kDigit; ++y)
      for (std::size_t x = 0; x < kDigit; ++x) {
        const float* at = images.data() + first + 2 * y * kImage + 2 * x;
        digits_.push_back((at[0] + at[1] + at[kImage] + at[kImage + 1]) / 4);
      }
}

BouncingDigits::BouncingDigits(const std::string& path, std::size_t most)
    : BouncingDigits(images_of(path, most)) {}

void BouncingDigits::draw(const Random& random, std::size_t steps, std::span<float> frames) const {
  constexpr double kEnd = kSide - kDigit;
  constexpr std::size_t kDrawn = 8;  // random numbers of a digit, one of them of 64 bits
  std::ranges::fill(frames, 0.0F);
  for (std::size_t k = 0; k < kDigits; ++k) {
    const std::uint64_t first = kDrawn * k;
    const std::size_t image = random.below(first, digits_.size() / (kDigit * kDigit));
    const double x = random.uniform(first + 4, 0, kEnd), y = random.uniform(first + 5, 0, kEnd);
    const double angle = random.uniform(first + 6, 0, 2 * std::numbers::pi);
    const double speed = random.uniform(first + 7, 1.5, 2.5);
    for (std::size_t t = 0; t < steps; ++t) {
      const auto time = static_cast<double>(t);
      const auto left =
          static_cast<std::size_t>(std::lround(bounced(x, speed * std::cos(angle), time, kEnd)));
      const auto top = static_cast<std::size_t>(std::lround(bounced(y, speed * std::sin(angle), time, kEnd)));
      const float* digit = digits_.data() + image * kDigit * kDigit;
      for (std::size_t row = 0; row < kDigit; ++row)
        for (std::size_t column = 0; column < kDigit; ++column) {
          float& pixel = frames[t * kPixels + place_of(top + row, left + column)];
          pixel = std::max(pixel, *digit++);
        }
    }
  }
}

double bounced(double x, double v, double t, double end) {
  double way = std::fmod(x + v * t, 2 * end);
  if (way < 0) way += 2 * end;
  return way <= end ? way : 2 * end - way;
}

}  // namespace carousel::lab
