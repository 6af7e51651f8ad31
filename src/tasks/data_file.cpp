#include "tasks/data_file.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/fnv1a.h"

namespace carousel {

namespace {

namespace fs = std::filesystem;

/// Over one file after the other.
struct Print {
  Fnv1a hash;
  std::uint64_t bytes = 0;

  void add(std::string_view text) {
    hash.add(text);
    bytes += text.size();
  }
  void add_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::vector<char> buffer(1 << 16);
    while (file) {
      file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
      add({buffer.data(), static_cast<std::size_t>(file.gcount())});
    }
    if (!file.eof())
      throw FileError(fmt::format("{}: cannot read it: {}", path.string(), std::strerror(errno)));
  }
};

std::vector<fs::path> files_within(const fs::path& folder) {
  std::vector<fs::path> files;
  try {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) files.push_back(entry.path());
  } catch (const fs::filesystem_error& error) {
    throw FileError(fmt::format("{}: cannot read the folder: {}", folder.string(), error.code().message()));
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

FileFingerprint fingerprint(const std::string& path) {
  Print print;
  std::error_code none;
  if (!fs::is_directory(path, none)) {
    print.add_file(path);
  } else {
    for (const fs::path& file : files_within(path)) print.add_file(file);
  }
  return {print.bytes, print.hash.text()};
}

void check_checksum(const std::string& data, const std::optional<std::string>& expected,
                    const FileFingerprint& found) {
  if (!expected || *expected == found.checksum) return;
  throw ChangedData(fmt::format(
      "{}: found checksum {}, expected {}: it is not the file that these settings were made for; put that "
      "one back, or take checksum out of run.toml to train on this one",
      data, found.checksum, *expected));
}

void hold_to(const std::string& path, std::optional<std::string>& checksum) {
  const FileFingerprint print = fingerprint(path);
  check_checksum(path, checksum, print);
  checksum = print.checksum;
}

void require_data(const std::string& data, const std::string& named_in, std::string_view advice) {
  std::error_code none;
  if (data == "-" || fs::exists(data, none)) return;
  throw MissingData(
      fmt::format("{}: the data file that {} names is not there, seen from {}; type the command where the "
                  "run was begun, or {}",
                  data, named_in, fs::current_path(none).string(), advice));
}

std::string why_none(const Error& error) {
  const std::string trained = "the data that it was trained on, which they learn from, ";
  if (dynamic_cast<const MissingData*>(&error) != nullptr) return trained + "are no longer there";
  if (dynamic_cast<const ChangedData*>(&error) != nullptr) return trained + "have changed since";
  return fmt::format("{}cannot be read any more: {}", trained, error.what());
}

}  // namespace carousel
