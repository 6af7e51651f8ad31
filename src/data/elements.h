// Numbers as the bytes of a file, in any of the usual types, as floats.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace carousel {

enum class ElementKind : std::uint8_t { boolean, unsigned_integer, signed_integer, floating };

/// size_bytes: 1 of booleans; 1, 2, 4 or 8 of integers (two's complement); 2, 4 or 8 of floating ones (IEEE
/// 754 binary16, binary32, binary64).
struct ElementType {
  ElementKind kind;
  std::size_t size_bytes;
  std::endian order;

  bool operator==(const ElementType& other) const = default;
};

/// bytes.size() == out.size() * size_bytes. Rounded to the nearest float, so whole numbers are exact up to
/// 2^24; a boolean is 0 or 1, NaN and infinities stay. Throws DataError naming `source` and the element,
/// counted from `first`, for a finite number beyond a float's range.
void to_floats(std::string_view bytes, ElementType type, std::span<float> out, const std::string& source,
               std::size_t first = 0);

/// A double of a file as a float, the same way.
float to_float(double value, const std::string& source, std::size_t element);

/// An IEEE 754 binary16 from its bits; exact.
float half_to_float(std::uint16_t bits) noexcept;

}  // namespace carousel
