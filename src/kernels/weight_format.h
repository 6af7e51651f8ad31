// How the weights of matrix products are kept for the kernels: as they are, or in fewer bits for inference.
//
//   bf16   the upper half of a float: 8 bits of precision, the same range
//   int8   whole numbers q in [-127, 127] and one scale s for each row of weights: w = q * s
//
// Both stand for floats exactly. Reducing what was reduced before changes nothing: the same q, the same s.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace carousel {

enum class WeightFormat { float32, bf16, int8 };

/// "float32", "bf16", "int8"; the words of flags and of `inspect`.
const std::vector<std::string>& weight_format_names();
inline const std::string& name(WeightFormat format) {
  return weight_format_names()[static_cast<std::size_t>(format)];
}

/// Throws SettingError naming the setting and the nearest word.
WeightFormat parse_weight_format(const std::string& setting, const std::string& text);

/// What the kernels' copies of the weights are for.
struct Packing {
  WeightFormat weights = WeightFormat::float32;
  bool backward = true;  ///< false: for inference alone, in less memory
};

namespace kernels {

/// The nearest bf16, of two equally near ones the even; a finite number beyond the largest becomes the
/// largest.
std::uint16_t to_bf16(float w) noexcept;
inline float from_bf16(std::uint16_t w) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(w) << 16);
}

/// The scale of a row whose weights are finite: largest / 127, where `largest` is the largest magnitude,
/// rounded up to 16 significant bits, so that q * s is exact and 127 * s is again the largest. 0 where
/// `largest` is below 2^-100: the row counts as zeros.
float int8_scale(float largest) noexcept;
/// The same of a row of n weights, `stride` apart.
float int8_scale(const float* row, std::size_t n, std::size_t stride) noexcept;
/// w / scale to the nearest whole number, of two equally near ones the even; 0 for a scale of 0.
std::int8_t to_int8(float w, float scale) noexcept;

/// Makes of every weight the one that the format keeps. weights [rows, columns], a row an output.
void round_weights(WeightFormat format, float* weights, std::size_t rows, std::size_t columns) noexcept;

}  // namespace kernels
}  // namespace carousel
