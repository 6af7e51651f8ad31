// The file that a run learns from: whether it is there, and still the same.
#pragma once

#include <carousel/error.h>

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
/// A file is not the one that settings were made for.
class ChangedData : public DataError {
 public:
  using DataError::DataError;
};
/// Throws ChangedData where it is not.
void check_checksum(const std::string& data, const std::optional<std::string>& expected,
                    const FileFingerprint& found);
/// Takes the checksum of a file that settings name, or holds the file to the one that they have.
void hold_to(const std::string& path, std::optional<std::string>& checksum);

/// A data file that a run.toml or a model names is not there.
class MissingData : public FileError {
 public:
  using FileError::FileError;
};
/// Throws MissingData, with the advice, where the data file ("-" always is there) is not.
void require_data(const std::string& data, const std::string& named_in, std::string_view advice);

/// Why there are no data to compare with, as a sentence goes on after a colon.
std::string why_none(const Error& error);
/// What `read` gives of the data that a model was trained on, for baselines to learn from. Other data are
/// judged without: nothing then where it throws, and `none` says why; else it throws on.
template <class Read>
auto own_data(bool judges_others, std::string& none, Read read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const Error& error) {
    if (!judges_others) throw;
    none = why_none(error);
    return std::nullopt;
  }
}

}  // namespace carousel
