#include "data/elements.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace carousel {
namespace {

/// Only so that an integer type stands for it where types are chosen.
struct Half {
  std::uint16_t bits;
};

template <class T>
T load(const char* at, std::endian order) noexcept {
  std::array<char, sizeof(T)> bytes;
  std::memcpy(bytes.data(), at, sizeof(T));
  if (order != std::endian::native) std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

template <class T>
void convert(std::string_view bytes, std::endian order, std::span<float> out, const std::string& source,
             std::size_t first) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const T value = load<T>(bytes.data() + i * sizeof(T), order);
    if constexpr (std::is_same_v<T, double>) {
      out[i] = to_float(value, source, first + i);
    } else if constexpr (std::is_same_v<T, Half>) {
      out[i] = half_to_float(value.bits);
    } else {
      out[i] = static_cast<float>(value);
    }
  }
}

using Convert = void (*)(std::string_view, std::endian, std::span<float>, const std::string&, std::size_t);

Convert converter(ElementType type) {
  // 1, 2, 4, 8 bytes.
  static constexpr std::array<Convert, 4> kUnsigned = {convert<std::uint8_t>, convert<std::uint16_t>,
                                                       convert<std::uint32_t>, convert<std::uint64_t>};
  static constexpr std::array<Convert, 4> kSigned = {convert<std::int8_t>, convert<std::int16_t>,
                                                     convert<std::int32_t>, convert<std::int64_t>};
  static constexpr std::array<Convert, 4> kFloating = {nullptr, convert<Half>, convert<float>,
                                                       convert<double>};
  const auto size = static_cast<std::size_t>(std::countr_zero(type.size_bytes));
  if (!std::has_single_bit(type.size_bytes) || size >= kUnsigned.size()) return nullptr;
  switch (type.kind) {
    case ElementKind::boolean:
      return size == 0 ? kUnsigned[0] : nullptr;
    case ElementKind::unsigned_integer:
      return kUnsigned[size];
    case ElementKind::signed_integer:
      return kSigned[size];
    case ElementKind::floating:
      return kFloating[size];
  }
  return nullptr;
}

}  // namespace

float to_float(double value, const std::string& source, std::size_t element) {
  const auto rounded = static_cast<float>(value);
  if (std::isinf(rounded) && !std::isinf(value)) {
    throw DataError(fmt::format("{}, number {}: found {}, expected a number within a float's range (3.4e38)",
                                source, element + 1, value));
  }
  return rounded;
}

float half_to_float(std::uint16_t bits) noexcept {
  const std::uint32_t sign = (bits & 0x8000u) << 16, exponent = (bits >> 10) & 31u, fraction = bits & 1023u;
  if (exponent == 0) {  // zero, or a multiple of 2^-24 without the leading one
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
  }
  // Exponents are biased by 15 here and by 127 there; 31 marks infinities and NaN as 255 does.
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

void to_floats(std::string_view bytes, ElementType type, std::span<float> out, const std::string& source,
               std::size_t first) {
  const Convert convert_all = converter(type);
  if (convert_all == nullptr || bytes.size() / type.size_bytes != out.size()) {
    throw Error(fmt::format("[to_floats] expected {} numbers of a type that exists, got {} bytes of {} each",
                            out.size(), bytes.size(), type.size_bytes));
  }
  convert_all(bytes, type.order, out, source, first);
  if (type.kind == ElementKind::boolean) {
    for (float& value : out) value = value != 0 ? 1.0f : 0.0f;
  }
}

}  // namespace carousel
