#include "data/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "base/counted.h"
#include "base/suggest.h"
#include "carousel/error.h"
#include "data/cells.h"
#include "data/csv_sniff.h"
#include "data/record_reader.h"

namespace carousel {
namespace {

constexpr std::size_t kSampleBytes = std::size_t{64} << 10;

/// "sales.csv line 12, column 'price'"
std::string place(const std::string& source, std::size_t line, const std::string& column) {
  return fmt::format("{} line {}, column '{}'", source, line, shown(column));
}

/// Finds words by a view, without making a string of each cell.
struct WordHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view word) const noexcept { return std::hash<std::string_view>{}(word); }
};
using WordCodes = std::unordered_map<std::string, std::uint32_t, WordHash, std::equal_to<>>;

/// What is known of the dates of one time column.
struct DateStyle {
  DateOrder order;
  /// Written nn/nn/yyyy? Nothing before the first row.
  std::optional<bool> slashes;
};

double number_cell(std::string_view cell, bool decimal_comma, const auto& where) {
  const ParsedNumber number = parse_number(cell, decimal_comma);
  if (number.status == NumberStatus::ok) return number.value;
  if (is_missing(cell)) return std::numeric_limits<double>::quiet_NaN();
  const char* const expected = number.status == NumberStatus::not_a_number ? "a number"
                               : number.status == NumberStatus::infinite
                                   ? "a finite number"
                                   : "a number of ordinary size (about 1e-308 to 1e308)";
  throw DataError(fmt::format("{}: found '{}', expected {}", where(), shown(cell), expected));
}

ParsedTime time_cell(std::string_view cell, DateOrder order, const auto& where) {
  const std::optional<ParsedTime> time = parse_time_cell(cell, order);
  if (!time) {
    throw DataError(fmt::format(
        "{}: found '{}', expected a time stamp such as 2016-07-01 00:00:00 (or seconds since 1970)", where(),
        shown(cell)));
  }
  return *time;
}

void append_time(std::string_view cell, DateStyle& style, Column<std::int64_t>& times, const auto& where) {
  const ParsedTime time = time_cell(cell, style.order, where);
  const bool slashes = time.swappable || time.proves != DateOrder::find_out;
  if (style.slashes.value_or(slashes) != slashes) {
    throw DataError(
        fmt::format("{}: found '{}', expected a date written as in the rows before", where(), shown(cell)));
  }
  style.slashes = slashes;
  if (style.order == DateOrder::find_out && slashes && !time.swappable) {
    style.order = time.proves;
    // All rows so far could be read either way and were read day first.
    for (std::size_t p = 0; p < times.pieces() && time.proves == DateOrder::month_first; ++p) {
      for (std::int64_t& earlier : times.piece(p)) earlier = swap_day_and_month(earlier);
    }
  }
  times.push_back(time.seconds);
}

void append_text(std::string_view cell, WordCodes& codes, TextColumn& text, const auto& where) {
  auto found = codes.find(cell);
  if (found == codes.end()) {
    if (!is_utf8(cell)) {
      throw DataError(
          fmt::format("{}: found '{}', expected UTF-8; save the file as UTF-8", where(), shown(cell)));
    }
    if (text.words.size() > std::numeric_limits<std::uint32_t>::max()) {
      throw DataError(fmt::format("{}: more than 2^32 different texts", where()));
    }
    found = codes.emplace(cell, static_cast<std::uint32_t>(text.words.size())).first;
    text.words.emplace_back(cell);
  }
  text.codes.push_back(found->second);
}

}  // namespace

std::size_t Table::line(std::size_t row) const noexcept {
  const auto after = std::upper_bound(line_changes.begin(), line_changes.end(), row,
                                      [](std::size_t r, const auto& change) { return r < change.first; });
  return after == line_changes.begin() ? 0 : std::prev(after)->second + row - std::prev(after)->first;
}

class CsvReader::Implementation {
  /// Names a cell, when it comes to that.
  auto where(std::size_t line, std::size_t column) const {
    return [this, line, column] { return place(source_, line, form_.columns[column].name); };
  }
  [[noreturn]] void fail_order(std::size_t column) const {
    throw DataError(
        fmt::format("{}, column '{}': no date has a day above 12, so it cannot be told whether the day or "
                    "the month comes "
                    "first; write them as 2020-12-31",
                    source_, shown(form_.columns[column].name)));
  }

 public:
  Implementation(ByteSource bytes, std::string source, const CsvOptions& options)
      : source_(std::move(source)), options_(options), records_(std::move(bytes), source_) {
    const std::string_view text = records_.look_ahead(options.stream ? 0 : kSampleBytes, 2);
    form_ = sniff_csv(text, records_.at_end_of_source(), source_, options);
    records_.set_delimiter(form_.delimiter);
    records_.skip_comments();
    if (form_.header) records_.next(fields_);
    // The look ahead saw no whole row: next() has told why, or its quoted cells are longer than all that.
    if (form_.columns.empty()) throw DataError(source_ + " line 1: found no row, expected column names");
  }

  const std::string& source() const noexcept { return source_; }
  const CsvForm& form() const noexcept { return form_; }

  std::optional<CsvRow> next() {
    const std::optional<CsvRow> row = next_any();
    if (row) check(*row);
    return row;
  }

  std::optional<CsvRow> next_any() {
    if (!records_.next(fields_)) {
      if (rows_ == 0) throw DataError(source_ + ": found no rows after the header, expected rows of data");
      return std::nullopt;
    }
    ++rows_;
    return CsvRow{records_.line(), fields_};
  }

  void check(const CsvRow& row) const {
    if (row.fields.size() == form_.columns.size()) return;
    throw DataError(fmt::format("{} line {}: found {}, expected {} as in the {}", source_, row.line,
                                counted(row.fields.size(), "field", "fields"), form_.columns.size(),
                                form_.header ? "header" : "first row"));
  }

  double number(const CsvRow& row, std::size_t column) const {
    return number_cell(row.fields[column], form_.delimiter == ';', where(row.line, column));
  }

  std::int64_t time(const CsvRow& row, std::size_t column) const {
    const ParsedTime time = time_cell(row.fields[column], options_.date_order, where(row.line, column));
    if (time.swappable && options_.date_order == DateOrder::find_out) fail_order(column);
    return time.seconds;
  }

  Table read(std::span<const ColumnRequest> requests);

 private:
  std::string source_;
  CsvOptions options_;
  RecordReader records_;
  CsvForm form_;
  std::vector<std::string_view> fields_;
  std::size_t rows_ = 0;
};

Table CsvReader::Implementation::read(std::span<const ColumnRequest> requests) {
  Table table;
  table.source = source_;
  for (const ColumnRequest& request : requests) {
    Table::Entry entry;
    entry.name = form_.columns.at(request.column).name;
    entry.kind = request.kind;
    table.columns.push_back(std::move(entry));
  }
  std::vector<DateStyle> styles(requests.size(), DateStyle{options_.date_order, std::nullopt});
  std::vector<WordCodes> codes(requests.size());
  const bool decimal_comma = form_.delimiter == ';';
  for (; const std::optional<CsvRow> row = next(); ++table.rows) {
    if (table.line(table.rows) != row->line) table.line_changes.emplace_back(table.rows, row->line);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const std::string_view cell = row->fields[requests[i].column];
      const auto cell_place = where(row->line, requests[i].column);
      Table::Entry& entry = table.columns[i];
      switch (requests[i].kind) {
        case ColumnKind::number:
          entry.numbers.push_back(number_cell(cell, decimal_comma, cell_place));
          break;
        case ColumnKind::time:
          append_time(cell, styles[i], entry.times, cell_place);
          break;
        case ColumnKind::text:
          append_text(cell, codes[i], entry.text, cell_place);
          break;
      }
    }
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (styles[i].slashes.value_or(false) && styles[i].order == DateOrder::find_out) {
      fail_order(requests[i].column);
    }
  }
  return table;
}

CsvReader::CsvReader(const std::string& path, const CsvOptions& options)
    : implementation_(std::make_unique<Implementation>(ByteSource(path), source_name(path), options)) {}
CsvReader::CsvReader(std::string_view text, std::string source, const CsvOptions& options)
    : implementation_(std::make_unique<Implementation>(ByteSource(text), std::move(source), options)) {}
CsvReader::~CsvReader() = default;
CsvReader::CsvReader(CsvReader&&) noexcept = default;
CsvReader& CsvReader::operator=(CsvReader&&) noexcept = default;

const std::string& CsvReader::source() const noexcept { return implementation_->source(); }
const std::vector<CsvColumn>& CsvReader::columns() const noexcept { return implementation_->form().columns; }
char CsvReader::delimiter() const noexcept { return implementation_->form().delimiter; }
bool CsvReader::has_header() const noexcept { return implementation_->form().header; }

std::size_t CsvReader::find(std::string_view name, std::string_view what) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < columns().size(); ++i) {
    if (columns()[i].name == name) return i;
  }
  for (const CsvColumn& column : columns()) names.push_back(shown(column.name));
  throw SettingError(
      fmt::format("{}: {} has no column '{}'; {}", what, source(), shown(name), suggestion(name, names)));
}

Table CsvReader::read(std::span<const ColumnRequest> columns) { return implementation_->read(columns); }
std::optional<CsvRow> CsvReader::next() { return implementation_->next(); }
std::optional<CsvRow> CsvReader::next_any() { return implementation_->next_any(); }
void CsvReader::check(const CsvRow& row) const { implementation_->check(row); }
double CsvReader::number(const CsvRow& row, std::size_t column) const {
  return implementation_->number(row, column);
}
std::int64_t CsvReader::time(const CsvRow& row, std::size_t column) const {
  return implementation_->time(row, column);
}

}  // namespace carousel
