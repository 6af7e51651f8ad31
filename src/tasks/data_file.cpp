#include "tasks/data_file.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

namespace carousel {

FileFingerprint fingerprint(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> buffer(1 << 16);
  std::uint64_t hash = 0xcbf29ce484222325, bytes = 0;
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const auto count = static_cast<std::size_t>(file.gcount());
    bytes += count;
    for (std::size_t i = 0; i < count; ++i)
      hash = (hash ^ static_cast<unsigned char>(buffer[i])) * 0x100000001b3;
  }
  if (!file.eof()) throw FileError(fmt::format("{}: cannot read it: {}", path, std::strerror(errno)));
  return {bytes, fmt::format("fnv1a64:{:016x}", hash)};
}

void check_checksum(const std::string& data, const std::optional<std::string>& expected,
                    const FileFingerprint& found) {
  if (!expected || *expected == found.checksum) return;
  throw DataError(fmt::format(
      "{}: found checksum {}, expected {}: it is not the file that these settings were made for; take "
      "checksum out of them to use it all the same",
      data, found.checksum, *expected));
}

void require_data(const std::string& data, const std::string& named_in, std::string_view advice) {
  std::error_code none;
  if (data != "-" && !std::filesystem::exists(data, none))
    throw FileError(
        fmt::format("{}: the data file that {} names is not there, seen from {}; type the command where the "
                    "run was begun, or {}",
                    data, named_in, std::filesystem::current_path(none).string(), advice));
}

}  // namespace carousel
