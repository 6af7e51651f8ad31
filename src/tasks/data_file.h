// The file that a run learns from: whether it is there, and still the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carousel {

/// Bytes and checksum of a file.
struct FileFingerprint {
  std::uint64_t bytes = 0;
  std::string checksum;  ///< "fnv1a64:" and 16 hexadecimal digits (Fowler, Noll, Vo: FNV-1a, 64 bits)
};
/// Of a folder: of all files in it and within, by name. Throws FileError.
FileFingerprint fingerprint(const std::string& path);
/// Throws DataError where a file is not the one that settings were made for.
void check_checksum(const std::string& data, const std::optional<std::string>& expected,
                    const FileFingerprint& found);
/// Takes the checksum of a file that settings name, or holds the file to the one that they have.
void hold_to(const std::string& path, std::optional<std::string>& checksum);

/// Whether a data file is; "-" always is.
bool is_there(const std::string& data);
/// Throws FileError, with the advice, where the data file that a run.toml or a model names is not there.
void require_data(const std::string& data, const std::string& named_in, std::string_view advice);
/// Whether the data that a model was trained on are there, for baselines to learn from. Other data are judged
/// on without them too; where there are none, it throws as require_data.
bool has_own_data(const std::string& data, const std::string& run, bool judges_others);

}  // namespace carousel
