// Files compressed with gzip (RFC 1952), uncompressed as far as somebody asks.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace carousel {

/// Does a file with these bytes say that it is compressed with gzip?
bool is_gzip(std::string_view bytes) noexcept;

/// Never more than a caller's own limit is uncompressed: there is no reading to the end.
class GzipReader {
 public:
  /// The most bytes that one compressed byte can stand for: a deflate code of two bits repeats 258.
  static constexpr std::size_t kMaxRatio = 1032;

  /// `source` names the file in errors. The bytes must outlive the reader.
  GzipReader(std::string_view bytes, const std::string& source);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  /// Fills `out`; less only at the end of the last member, whose checksum then was right. Throws DataError
  /// for bytes that are not gzip, cut off, or with a wrong checksum.
  std::size_t read(std::span<char> out);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace carousel
