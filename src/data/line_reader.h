// Lines of text, one after the other as they arrive.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "data/record_reader.h"
#include "data/text.h"

namespace carousel {

/// Lines end in LF or CRLF; the last one may lack its end. A byte order mark before the first is skipped.
class LineReader {
 public:
  static constexpr std::size_t kMaxLineBytes = std::size_t{1} << 24;

  /// name: what messages call the source.
  LineReader(ByteSource source, std::string name, InvalidText policy);

  /// The next line without its end, in UTF-8; nothing behind the last. Waits for no more bytes than that
  /// line's. Throws DataError naming the line: a zero byte, more than kMaxLineBytes, with policy error what
  /// is not UTF-8; FileError.
  std::optional<std::string> next();
  /// Number of the last line, from 1.
  std::size_t line() const noexcept { return line_; }

 private:
  /// More bytes into buffer_; false at the end of the source.
  bool fill();
  std::string checked(std::string line) const;

  ByteSource source_;
  std::string name_;
  InvalidText policy_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // of buffer_, not yet read
  std::size_t line_ = 0;
};

}  // namespace carousel
