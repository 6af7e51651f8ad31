#include "kernels/weight_format.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/suggest.h"

namespace carousel {

const std::vector<std::string>& weight_format_names() {
  static const std::vector<std::string> names = {"float32", "bf16", "int8"};
  return names;
}

WeightFormat parse_weight_format(const std::string& setting, const std::string& text) {
  const std::vector<std::string>& names = weight_format_names();
  const auto found = std::ranges::find(names, text);
  if (found == names.end())
    throw SettingError(fmt::format("{}: '{}' is not known; {}", setting, text, suggestion(text, names)));
  return static_cast<WeightFormat>(found - names.begin());
}

namespace kernels {

std::uint16_t to_bf16(float w) noexcept {
  constexpr std::uint32_t kLargest = 0x7F7F, kInfinity = 0x7F80, kQuietNan = 0x7FC0;
  const auto bits = std::bit_cast<std::uint32_t>(w);
  const std::uint32_t sign = (bits >> 16) & 0x8000, magnitude = bits & 0x7FFFFFFF;
  if (magnitude > kInfinity << 16) return static_cast<std::uint16_t>(sign | kQuietNan);
  if (magnitude == kInfinity << 16) return static_cast<std::uint16_t>(sign | kInfinity);
  const std::uint32_t rounded = (magnitude + 0x7FFF + ((magnitude >> 16) & 1)) >> 16;
  return static_cast<std::uint16_t>(sign | std::min(rounded, kLargest));
}

float int8_scale(float largest) noexcept {
  // Below this a scale of 16 bits would be no normal number.
  if (!(largest >= 0x1p-100f)) return 0;
  constexpr std::uint32_t kLowBits = 0xFF;
  const std::uint32_t up = (std::bit_cast<std::uint32_t>(largest / 127) + kLowBits) & ~kLowBits;
  // The largest of 16 bits whose 127-fold is finite.
  constexpr std::uint32_t kMost = std::bit_cast<std::uint32_t>(std::numeric_limits<float>::max() / 127);
  return std::bit_cast<float>(std::min(up, kMost & ~kLowBits));
}

float int8_scale(const float* row, std::size_t n, std::size_t stride) noexcept {
  float largest = 0;
  for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(row[i * stride]));
  return int8_scale(largest);
}

std::int8_t to_int8(float w, float scale) noexcept {
  // A float of this size has no fraction: adding rounds to a whole number.
  constexpr float kNoFraction = 0x1.8p23f;
  return scale == 0 ? std::int8_t{0} : static_cast<std::int8_t>(w / scale + kNoFraction - kNoFraction);
}

void round_weights(WeightFormat format, float* weights, std::size_t rows, std::size_t columns) noexcept {
  if (format == WeightFormat::bf16) {
    for (std::size_t i = 0; i < rows * columns; ++i) weights[i] = from_bf16(to_bf16(weights[i]));
  }
  if (format == WeightFormat::int8) {
    for (std::size_t r = 0; r < rows; ++r) {
      float* const row = weights + r * columns;
      const float scale = int8_scale(row, columns, 1);
      for (std::size_t c = 0; c < columns; ++c) row[c] = static_cast<float>(to_int8(row[c], scale)) * scale;
    }
  }
}

}  // namespace kernels
}  // namespace carousel
