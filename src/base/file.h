// Files written whole or not at all, and read with a limit.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace carousel {

/// The whole of a regular file. Throws FileError naming the path and the reason: missing, a folder, no
/// permission, larger than max_bytes.
std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// Replaces the file at `path` with `bytes`, through AtomicFile.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// A file that appears under its name only when complete. Bytes go to `.NAME.tmp` in the same folder;
/// commit() flushes them to the disk, renames and flushes the folder. Until then, and after any failure, the
/// old file is whole; without commit() the temporary is removed. A killed process leaves at most the
/// temporary, which the next write replaces. Two processes must not write the same path at once.
class AtomicFile {
 public:
  /// Throws FileError if the folder is missing or not writable, or if `path` is a folder or a device.
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Throws FileError (disk full, quota, ...); the file can then only be destroyed.
  void write(std::string_view bytes);
  /// Throws FileError; call at most once.
  void commit();

 private:
  [[noreturn]] void fail(int error) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

/// Appends line and '\n' to a log, flushed to the disk. Creates a missing file. When it throws FileError,
/// no part of the line is left in the log.
void append_line(const std::filesystem::path& path, std::string_view line);

}  // namespace carousel
