// CSV files, read as they go. Delimiter (tab ; | , or spaces) and header are found out from the first rows;
// fields may be quoted (RFC 4180, line ends and doubled quotes inside), lines end in LF or CRLF, a UTF-8 mark
// is skipped, as are blank lines and lines that begin with # before the header. With ';' between fields a
// number may have a decimal comma. Numbers are read correctly rounded, whatever the locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/column.h"
#include "data/time_stamp.h"

namespace carousel {

enum class ColumnKind { number, time, text };

/// What the reader shall assume; by default it finds out.
struct CsvOptions {
  /// 0: find out.
  char delimiter = 0;
  std::optional<bool> header;
  DateOrder date_order = DateOrder::find_out;
  /// Rows arrive one at a time and are wanted at once: no more than two are read ahead to look at.
  bool stream = false;
};

/// A column of the file: its name (column1, column2, ... where the header has none) and what its first rows
/// hold.
struct CsvColumn {
  std::string name;
  ColumnKind kind;
  bool named = false;  ///< by the header
};

/// A column to read, and as what. A time column may hold seconds since 1970 as plain integers.
struct ColumnRequest {
  std::size_t column;
  ColumnKind kind;
};

/// Texts, each different one kept once.
struct TextColumn {
  Column<std::uint32_t> codes;
  std::vector<std::string> words;
};

/// The columns asked for, in that order; of a column only the vector of its kind is filled. Missing numbers
/// are NaN.
struct Table {
  struct Entry {
    std::string name;
    ColumnKind kind;
    Column<double> numbers;
    Column<std::int64_t> times;
    TextColumn text;
  };
  /// For messages: the path, or "standard input".
  std::string source;
  std::size_t rows = 0;
  std::vector<Entry> columns;
  /// The line of the file where a row begins, counted from 1.
  std::size_t line(std::size_t row) const noexcept;
  /// Pairs (row, line) at which line - row changes.
  std::vector<std::pair<std::size_t, std::size_t>> line_changes;
};

/// One row: a view of its fields (unquoted, without blanks around them), valid until the next row is read.
struct CsvRow {
  std::size_t line;
  std::span<const std::string_view> fields;
};

class CsvReader {
 public:
  /// Opens a file ("-": standard input) and looks at its first rows. Throws FileError when it cannot be
  /// read; DataError when it is empty, not text, has no data rows, a wrong header (names twice).
  explicit CsvReader(const std::string& path, const CsvOptions& options = {});
  /// Reads from memory; `source` is what messages call it. The text must outlive the reader.
  CsvReader(std::string_view text, std::string source, const CsvOptions& options = {});
  ~CsvReader();
  CsvReader(CsvReader&&) noexcept;
  CsvReader& operator=(CsvReader&&) noexcept;

  const std::string& source() const noexcept;
  const std::vector<CsvColumn>& columns() const noexcept;
  char delimiter() const noexcept;
  bool has_header() const noexcept;
  /// The number of the column with a name. Throws SettingError with the nearest names for an unknown one;
  /// `what` says whose name it is ("target").
  std::size_t find(std::string_view name, std::string_view what) const;

  /// Reads all that is left. Throws DataError naming source, line and column for a row with a wrong number of
  /// fields, a cell that is not of the kind asked for, an infinite or too large number, a missing time stamp,
  /// dates that cannot be told to be day first or month first.
  Table read(std::span<const ColumnRequest> columns);

  /// The next row, as soon as its line end has been read; nothing at the end. Same errors for its form.
  std::optional<CsvRow> next();
  /// The same of a row of any number of fields; check() throws what next() would.
  std::optional<CsvRow> next_any();
  void check(const CsvRow& row) const;
  /// A cell of the current row as a number (NaN when missing) or a time stamp; same errors as read().
  double number(const CsvRow& row, std::size_t column) const;
  std::int64_t time(const CsvRow& row, std::size_t column) const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace carousel
