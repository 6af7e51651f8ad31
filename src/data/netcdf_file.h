// A NetCDF file of the classic formats in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/array.h"
#include "data/netcdf_header.h"

namespace carousel {

/// All functions that take the name of a variable throw SettingError naming the nearest ones for an unknown
/// one, and DataError where its numbers are of another kind, or not all in the file.
class NetcdfFile {
 public:
  /// `source` names the bytes in errors. Throws DataError. The bytes must outlive the file.
  NetcdfFile(std::string_view bytes, std::string source);

  std::vector<std::string> variables() const;
  bool has(std::string_view variable) const noexcept;
  /// The length of a dimension, 0 where there is none of that name.
  std::uint64_t dimension(std::string_view name) const noexcept;

  Array numbers(std::string_view variable) const;
  std::vector<std::int64_t> whole_numbers(std::string_view variable) const;
  /// Of a variable of characters [texts, bytes]; each text ends before its first zero byte.
  std::vector<std::string> texts(std::string_view variable) const;

  [[noreturn]] void fail(std::string_view variable, std::string_view what) const;

 private:
  const netcdf::Variable& find(std::string_view variable) const;
  Shape shape(const netcdf::Variable& variable) const;
  std::string numbers_bytes(const netcdf::Variable& variable) const;
  std::string place(std::string_view variable) const;

  std::string_view bytes_;
  std::string source_;
  netcdf::Header header_;
};

}  // namespace carousel
