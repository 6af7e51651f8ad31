#include "data/inflation.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>

#include "data/gzip.h"

namespace carousel {

void check_inflation(std::uint64_t promised_bytes, std::uint64_t stored_bytes, const std::string& place) {
  constexpr std::uint64_t kAlways = 1 << 20;
  if (promised_bytes <= kAlways || promised_bytes / GzipReader::kMaxRatio <= stored_bytes) return;
  throw DataError(
      fmt::format("{}: found a shape of {} bytes, which the {} bytes stored cannot hold; the file may "
                  "be cut off",
                  place, promised_bytes, stored_bytes));
}

std::uint64_t file_bytes(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    throw FileError(fmt::format("{}: cannot be read: no such file; check the name", path.string()));
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw FileError(fmt::format("{}: is not a regular file", path.string()));
  }
  if (!std::ifstream(path, std::ios::binary)) {
    throw FileError(fmt::format("{}: cannot be read; check who owns the file", path.string()));
  }
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) throw FileError(fmt::format("{}: cannot be read: {}", path.string(), error.message()));
  return size;
}

}  // namespace carousel
