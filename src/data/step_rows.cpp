#include "data/step_rows.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

#include "data/cells.h"
#include "data/example_kinds.h"
#include "data/named_columns.h"

namespace carousel {
namespace {

CsvOptions form_of(const std::string& path) {
  CsvOptions form;
  form.stream = path == "-";
  return form;
}

std::optional<std::size_t> id_column(const CsvReader& reader, const ExampleOptions& options) {
  if (!options.id) return std::nullopt;
  if (options.targets) return reader.find(*options.id, "id");
  for (std::size_t c = 0; c < reader.columns().size(); ++c)
    if (reader.columns()[c].name == *options.id) return c;
  return std::nullopt;
}

}  // namespace

std::optional<std::size_t> row_numbers(const CsvReader& reader) {
  if (reader.has_header() && !reader.columns().front().named) return 0;
  return std::nullopt;
}

std::vector<std::size_t> feature_columns(const CsvReader& reader,
                                         std::initializer_list<std::optional<std::size_t>> others) {
  const std::optional<std::size_t> numbers = row_numbers(reader);
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < reader.columns().size(); ++c)
    if (std::ranges::find(others, std::optional(c)) == others.end() && numbers != c) columns.push_back(c);
  if (columns.empty())
    throw DataError(fmt::format("{}: found no columns of features beside those that say what examples are",
                                reader.source()));
  return columns;
}

std::string_view text_cell(const CsvReader& reader, const CsvRow& row, std::size_t column) {
  const std::string_view cell = row.fields[column];
  if (!is_utf8(cell))
    throw DataError(fmt::format("{} line {}, column '{}': found '{}', expected UTF-8; save the file as UTF-8",
                                reader.source(), row.line, shown(reader.columns()[column].name),
                                shown(cell)));
  return cell;
}

StepRows::StepRows(const std::string& path, const ExampleOptions& options)
    : reader_(path, form_of(path)), name_(reader_.source()) {
  const std::vector<std::string> names = options.features.columns.value_or(std::vector<std::string>());
  if (options.format == ExampleFormat::file) {
    columns_ = columns_called(reader_, names);
  } else {
    id_ = id_column(reader_, options);
    target_ = carousel::target_column(reader_, options);
    part_ = column_named(reader_, {"split", "part"});
    columns_ =
        columns_called(reader_, feature_columns(reader_, {id_, target_, part_}), names, OtherColumns::aside);
  }
  values_.resize(columns_.size());
}

bool StepRows::next() {
  const bool first = !row_;
  row_ = reader_.next();
  if (!row_) return false;
  const std::string_view name = id_ ? text_cell(reader_, *row_, *id_) : std::string_view(name_);
  begins_ = first || name != name_;
  if (!begins_) return true;
  if (const auto [began, is_new] = lines_.emplace(name, row_->line); !is_new)
    throw DataError(
        fmt::format("{} line {}: found rows of '{}' again, which began in line {}; expected the rows "
                    "of one example together",
                    reader_.source(), row_->line, shown(name), began->second));
  name_ = name;
  return true;
}

ExamplePart StepRows::part() const {
  if (!part_) return ExamplePart::any;
  return parse_part(row_->fields[*part_], fmt::format("{} line {}", reader_.source(), row_->line));
}

std::span<const float> StepRows::values() {
  for (std::size_t i = 0; i < columns_.size(); ++i)
    values_[i] = static_cast<float>(reader_.number(*row_, columns_[i]));
  return values_;
}

std::optional<std::string_view> StepRows::target() const {
  if (!target_) return std::nullopt;
  return text_cell(reader_, *row_, *target_);
}

}  // namespace carousel
