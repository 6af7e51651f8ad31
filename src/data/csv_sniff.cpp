#include "data/csv_sniff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "carousel/error.h"
#include "data/cells.h"
#include "data/record_reader.h"

namespace carousel {
namespace {

constexpr std::size_t kSampleRecords = 200;

enum class CellKind { missing, number, time, text };

CellKind kind_of(std::string_view cell, bool decimal_comma) noexcept {
  if (is_missing(cell)) return CellKind::missing;
  if (parse_number(cell, decimal_comma).status != NumberStatus::not_a_number) return CellKind::number;
  return parse_time(cell, DateOrder::find_out) ? CellKind::time : CellKind::text;
}

/// How many cells of a column are what.
struct Tally {
  std::size_t numbers = 0, times = 0, texts = 0;

  void add(CellKind kind) noexcept {
    numbers += kind == CellKind::number ? 1 : 0;
    times += kind == CellKind::time ? 1 : 0;
    texts += kind == CellKind::text ? 1 : 0;
  }
  /// What half of the cells or more are; a column of missing cells only is text.
  ColumnKind kind() const noexcept {
    const std::size_t all = numbers + times + texts;
    if (numbers > 0 && 2 * numbers >= all) return ColumnKind::number;
    return times > 0 && 2 * times >= all ? ColumnKind::time : ColumnKind::text;
  }
};

/// Calls visit(fields) for the records of a sample; a record that is wrong or cut off ends it: false.
template <class Visit>
bool for_each_record(std::string_view text, const std::string& source, char delimiter, Visit visit) {
  RecordReader reader(ByteSource(text), source);
  reader.set_delimiter(delimiter);
  reader.skip_comments();
  std::vector<std::string_view> fields;
  try {
    for (std::size_t n = 0; n < kSampleRecords && reader.next(fields); ++n) visit(fields);
  } catch (const DataError&) {
    // The reader proper meets the same place and reports it with the delimiter that was chosen.
    return false;
  }
  return true;
}

/// The share of records that have the most frequent number of fields, if that is more than one.
double agreement(std::string_view text, const std::string& source, char delimiter) {
  std::map<std::size_t, std::size_t> counts;
  std::size_t records = 0;
  for_each_record(text, source, delimiter, [&](const std::vector<std::string_view>& fields) {
    ++counts[fields.size()];
    ++records;
  });
  std::size_t most = 0;
  for (const auto& [fields, count] : counts) {
    if (fields > 1) most = std::max(most, count);
  }
  return records == 0 ? 0 : static_cast<double>(most) / static_cast<double>(records);
}

char find_delimiter(std::string_view text, const std::string& source) {
  char best = ',';
  double best_agreement = 0;
  // Of equals the first wins: commas stand in decimals, spaces in dates.
  for (const char delimiter : {'\t', ';', '|', ',', ' '}) {
    const double share = agreement(text, source, delimiter);
    if (share <= best_agreement) continue;
    best = delimiter;
    best_agreement = share;
  }
  return best;
}

/// A first row is a header when a text stands above numbers or times, or when it is all text.
bool looks_like_header(const std::vector<CellKind>& first, const std::vector<Tally>& rest) {
  bool all_text = true;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const bool has_values = rest[i].kind() != ColumnKind::text;
    if (first[i] == CellKind::text && has_values) return true;
    all_text = all_text && (first[i] == CellKind::text || first[i] == CellKind::missing);
  }
  return all_text;
}

void name_columns(CsvForm& form, const std::vector<std::string>& first, const std::string& source) {
  std::unordered_map<std::string, std::size_t> numbers;
  for (std::size_t i = 0; i < first.size(); ++i) {
    CsvColumn& column = form.columns[i];
    column.named = form.header && !first[i].empty();
    std::string& name = column.name;
    name = column.named ? first[i] : fmt::format("column{}", i + 1);
    if (!is_utf8(name)) {
      throw DataError(fmt::format("{}: the name of column {} is '{}', expected UTF-8; save the file as UTF-8",
                                  source, i + 1, shown(name)));
    }
    const auto [other, is_new] = numbers.emplace(name, i);
    if (!is_new) {
      throw DataError(fmt::format("{}: columns {} and {} are both named '{}', expected different names",
                                  source, other->second + 1, i + 1, shown(name)));
    }
  }
}

}  // namespace

CsvForm sniff_csv(std::string_view text, bool complete, const std::string& source,
                  const CsvOptions& options) {
  const std::size_t last_line_end = text.rfind('\n');
  if (!complete && last_line_end != std::string_view::npos) text = text.substr(0, last_line_end + 1);
  if (last_line_end == std::string_view::npos && text.find('\r') != std::string_view::npos) {
    throw DataError(source + ": lines end in CR alone, expected LF or CRLF");
  }
  CsvForm form;
  form.delimiter = options.delimiter != 0 ? options.delimiter : find_delimiter(text, source);

  std::vector<std::string> first;
  std::vector<CellKind> first_kinds;
  std::vector<Tally> rest;
  std::size_t records = 0;
  const bool sound =
      for_each_record(text, source, form.delimiter, [&](const std::vector<std::string_view>& fields) {
        const bool is_first = records++ == 0;
        if (is_first) {
          first.assign(fields.begin(), fields.end());
          rest.resize(fields.size());
        }
        for (std::size_t i = 0; i < std::min(fields.size(), rest.size()); ++i) {
          const CellKind kind = kind_of(fields[i], form.delimiter == ';');
          is_first ? first_kinds.push_back(kind) : rest[i].add(kind);
        }
      });
  if (records == 0 && complete && sound) {
    throw DataError(source + ": found no rows, expected a CSV file with a header and rows of data");
  }
  form.header = options.header.value_or(looks_like_header(first_kinds, rest));
  if (form.header && complete && sound && records == 1) {
    throw DataError(source + ": found no rows after the header, expected rows of data");
  }
  form.columns.resize(first.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (!form.header) rest[i].add(first_kinds[i]);
    // No row after the header is whole: reading one as numbers tells why.
    form.columns[i].kind = records > 1 || !form.header ? rest[i].kind() : ColumnKind::number;
  }
  name_columns(form, first, source);
  return form;
}

}  // namespace carousel
