// The header of a NetCDF file of the classic formats: dimensions and variables, and where their numbers lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace carousel::netcdf {

/// As the file numbers them; those above real64 only in version 5.
enum class Type : std::uint8_t {
  int8 = 1,
  character,
  int16,
  int32,
  real32,
  real64,
  uint8,
  uint16,
  uint32,
  int64,
  uint64
};

std::size_t size_bytes(Type type) noexcept;

struct Dimension {
  std::string name;
  std::uint64_t length = 0;
};

struct Variable {
  std::string name;
  Type type{};
  std::vector<std::uint64_t> extents;
  /// Of its numbers in the file, or in the first record.
  std::uint64_t begin = 0;
  /// Does the first extent count records, each of which has a part of the numbers?
  bool in_records = false;
};

struct Header {
  std::vector<Dimension> dimensions;
  std::vector<Variable> variables;
  /// From one record to the next.
  std::uint64_t record_bytes = 0;
};

/// `source` names the bytes in errors. Throws DataError naming it, the byte, what was found and what was
/// expected. Memory is bounded by a small multiple of the input's size. That the numbers are there is not
/// checked.
Header parse_header(std::string_view bytes, const std::string& source);

/// The product, or 2^62 where it is larger, which is beyond all files.
std::uint64_t bounded_product(std::uint64_t a, std::uint64_t b) noexcept;

}  // namespace carousel::netcdf
