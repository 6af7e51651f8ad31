// A file, or bytes in memory, read at any place: what decoders of other libraries are given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace carousel {

class SeekableBytes {
 public:
  /// Throws FileError: missing, no permission, not a regular file.
  explicit SeekableBytes(const std::string& path);
  /// The bytes must outlive the source.
  explicit SeekableBytes(std::string_view bytes) noexcept : bytes_(bytes), size_(bytes.size()) {}
  ~SeekableBytes();
  SeekableBytes(const SeekableBytes&) = delete;
  SeekableBytes& operator=(const SeekableBytes&) = delete;

  std::uint64_t size() const noexcept { return size_; }
  /// Up to `count` bytes from place `at`; fewer at the end, and where the system fails: then check() throws.
  std::size_t read(std::uint64_t at, char* out, std::size_t count) noexcept;
  /// All of so many bytes from place `at`, or an empty text where the source ends before.
  std::string text(std::uint64_t at, std::size_t count);
  /// Throws FileError if a read has failed.
  void check() const;

 private:
  std::string path_;
  int descriptor_ = -1;
  std::string_view bytes_;
  std::uint64_t size_ = 0;
  int error_ = 0;
};

}  // namespace carousel
