// Examples in CSV of long form, a step a row, one row after the other as they come.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/csv.h"
#include "data/examples.h"

namespace carousel {

/// The first column, where the header gives it no name: it numbers rows.
std::optional<std::size_t> row_numbers(const CsvReader& reader);
/// Columns of features: all but these, and but row_numbers. Throws DataError where there are none.
std::vector<std::size_t> feature_columns(const CsvReader& reader,
                                         std::initializer_list<std::optional<std::size_t>> others);
/// A cell that has to be UTF-8; throws DataError naming it.
std::string_view text_cell(const CsvReader& reader, const CsvRow& row, std::size_t column);

class StepRows {
 public:
  /// Of standard input ("-") a row is read as soon as it is there. Format file: all columns are features.
  /// Else columns of target, id and part are none, nor others that are not among those asked for; where there
  /// need not be targets, there need be no id either, and all rows are of one example. Throws as CsvReader
  /// and columns_called; SettingError for a column that is not there.
  StepRows(const std::string& path, const ExampleOptions& options);

  /// Goes on to the next row; false at the end. Throws as CsvReader::next; DataError for rows of an example
  /// that has ended.
  bool next();

  // Of this row:
  /// Is it the first one of its example?
  bool begins() const noexcept { return begins_; }
  /// Of its example; without ids, of the file.
  const std::string& name() const noexcept { return name_; }
  /// Throws DataError naming the cell.
  ExamplePart part() const;
  std::span<const float> values();
  /// Nothing where there is no such column.
  std::optional<std::string_view> target() const;

  std::size_t width() const noexcept { return values_.size(); }
  const CsvReader& reader() const noexcept { return reader_; }
  std::span<const std::size_t> columns() const noexcept { return columns_; }
  std::optional<std::size_t> target_column() const noexcept { return target_; }

 private:
  CsvReader reader_;
  std::optional<std::size_t> id_, target_, part_;
  std::vector<std::size_t> columns_;
  std::optional<CsvRow> row_;
  bool begins_ = false;
  std::string name_;
  std::map<std::string, std::size_t, std::less<>> lines_;  // where each example began
  std::vector<float> values_;
};

}  // namespace carousel
