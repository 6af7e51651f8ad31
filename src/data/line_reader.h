// The lines of a text, through one buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/record_reader.h"

namespace carousel {

class LineReader {
 public:
  static constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20;

  /// `name` is what messages call the source.
  LineReader(ByteSource source, std::string name);

  /// The next line as soon as its end has been read, without it (LF or CRLF) and without the UTF-8 mark that
  /// a file may begin with; valid until the next call. Nothing at the end. Throws FileError; DataError for
  /// UTF-16, a zero byte, or a longer line than kMaxLineBytes.
  std::optional<std::string_view> next();
  /// The last line, counted from 1; 0 before the first.
  std::size_t line() const noexcept { return line_; }
  const std::string& name() const noexcept { return name_; }
  /// "words.txt line 12: " and what; a DataError.
  [[noreturn]] void fail(std::string_view what) const;

 private:
  bool fill();
  std::string_view take(std::size_t length, std::size_t line_end);

  ByteSource source_;
  std::string name_;
  std::vector<char> buffer_;
  /// Not yet consumed: [begin_, end_) of the buffer.
  std::size_t begin_ = 0, end_ = 0;
  /// Bytes read from the source so far.
  std::uint64_t read_ = 0;
  std::size_t line_ = 0;
  bool end_of_source_ = false;
};

}  // namespace carousel
