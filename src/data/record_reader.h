// Bytes of a CSV file into records of fields, through one buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace carousel {

/// What messages call it: the path, or "standard input" for "-".
std::string source_name(const std::string& path);

/// The next bytes of standard input: `size` of them, fewer at the end. They stay to be read, by whatever
/// reads it next; valid until then. Throws FileError.
std::string_view look_ahead_in_standard_input(std::size_t size);

/// A file, standard input or a text in memory, read from its beginning to its end.
class ByteSource {
 public:
  /// "-": standard input. Throws FileError (missing, a folder, no permission).
  explicit ByteSource(const std::string& path);
  /// The text must outlive the source.
  explicit ByteSource(std::string_view text) noexcept : text_(text) {}
  ~ByteSource();
  ByteSource(ByteSource&& other) noexcept;
  ByteSource& operator=(ByteSource&&) = delete;

  /// Up to `size` bytes, at least one unless at the end (0). Throws FileError.
  std::size_t read(char* out, std::size_t size);
  /// A buffer need not be larger than this: the bytes of a text in memory, for a file no bound.
  std::size_t size_hint() const noexcept { return descriptor_ < 0 ? text_.size() + 1 : SIZE_MAX; }

 private:
  std::string path_;
  int descriptor_ = -1;
  bool owned_ = false;
  std::string_view text_;
};

/// Splits into records: fields between delimiters, quoted ones with line ends and doubled quotes inside;
/// records end in LF or CRLF. Blank lines are skipped.
class RecordReader {
 public:
  static constexpr std::size_t kMaxRecordBytes = std::size_t{64} << 20;
  static constexpr std::size_t kMaxFields = std::size_t{1} << 20;

  /// `name` is what messages call the source.
  RecordReader(ByteSource source, std::string name);

  /// Reads ahead until `bytes` bytes and `lines` line ends (of lines neither blank nor comments) are there,
  /// or the end, and returns what is there. Does not consume. Valid until the next call.
  std::string_view look_ahead(std::size_t bytes, std::size_t lines);
  /// Does the text of look_ahead() reach to the end of the source?
  bool at_end_of_source() const noexcept { return end_of_source_; }

  void set_delimiter(char delimiter) noexcept { delimiter_ = delimiter; }
  /// Skips lines that begin with #, and blank ones.
  void skip_comments();
  /// The next record: its fields without quotes and without blanks around them, valid until the next call;
  /// false at the end. Throws DataError for a zero byte, a quote never closed, text after a closing quote,
  /// more than kMaxRecordBytes or kMaxFields in a record.
  bool next(std::vector<std::string_view>& fields);
  /// The line where the last record began, from 1.
  std::size_t line() const noexcept { return record_line_; }

 private:
  enum class Scan { record, blank, more };
  static constexpr std::size_t kSpare = 2;

  bool fill();
  Scan scan(std::vector<std::string_view>& fields);
  bool scan_plain(char*& at, std::vector<std::string_view>& fields);
  bool scan_quoted(char*& at, std::vector<std::string_view>& fields);
  bool only_spaces_left(const char* at) const noexcept;
  void unescape(std::string_view& field) noexcept;
  char* past() noexcept { return buffer_.data() + end_; }
  bool is_blank(char c) const noexcept { return c == ' ' || (c == '\t' && delimiter_ != '\t'); }
  [[noreturn]] void fail(std::size_t line, const std::string& what) const;

  ByteSource source_;
  std::string name_;
  /// Two bytes larger than what is read into it: one for a line end that the last line lacks, one for the
  /// line end that always stands at end_ and stops every scan.
  std::vector<char> buffer_;
  /// Not yet consumed: [begin_, end_) of the buffer.
  std::size_t begin_ = 0, end_ = 0;
  /// Bytes read from the source so far.
  std::uint64_t read_ = 0;
  bool end_of_source_ = false;
  char delimiter_ = ',';
  std::size_t line_ = 1, record_line_ = 1;
  /// Line ends inside the quotes of the record being scanned, and its fields with doubled quotes.
  std::size_t inner_lines_ = 0;
  /// The line of the quote that the last scan found open, or 0.
  std::size_t open_quote_line_ = 0;
  std::vector<std::size_t> escaped_;
};

}  // namespace carousel
