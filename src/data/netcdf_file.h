// An open NetCDF file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/array.h"

namespace carousel {

class NetcdfFile {
 public:
  explicit NetcdfFile(const std::filesystem::path& path);
  ~NetcdfFile();
  NetcdfFile(const NetcdfFile&) = delete;
  NetcdfFile& operator=(const NetcdfFile&) = delete;

  const std::string& source() const noexcept { return source_; }
  std::vector<std::string> variables() const;
  bool has(const std::string& variable) const;
  /// The length of a dimension, 0 where there is none of that name.
  std::size_t dimension(const std::string& name) const;

  /// The extents of a variable, after making sure that the file can hold them. Throws SettingError for an
  /// unknown one.
  Shape shape(const std::string& variable) const;
  Array numbers(const std::string& variable) const;
  /// Whole numbers, in the order of the file.
  std::vector<std::int64_t> whole_numbers(const std::string& variable) const;
  /// Of a variable [texts, bytes]; each ends before its first zero byte.
  std::vector<std::string> texts(const std::string& variable) const;

  [[noreturn]] void fail(std::string_view variable, std::string_view what) const;

 private:
  int id(const std::string& variable) const;
  int type(const std::string& variable) const;
  void check(int status, const std::string& variable) const;

  std::string source_;
  std::uint64_t bytes_;
  int file_ = -1;
};

}  // namespace carousel
