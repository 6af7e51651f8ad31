#include "tasks/anomaly_labels.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/suggest.h"
#include "data/cells.h"
#include "data/csv.h"

namespace carousel {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMaxLabelBytes = std::uint64_t{1} << 26;

/// Throws DataError for a window that ends before it begins.
LabelSpan checked(LabelSpan span, const std::string& where) {
  if (span.end < span.begin)
    throw DataError(fmt::format("{}: found a window that ends before it begins", where));
  return span;
}

std::int64_t moment(const Json& json, bool has_time, const std::string& where) {
  if (has_time && json.is_string())
    if (const auto time = parse_time(json.get_ref<const std::string&>(), DateOrder::find_out))
      return time->seconds;
  if (!has_time && json.is_number_unsigned() &&
      json.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max())
    return json.get<std::int64_t>();
  const std::string found = json.is_string()       ? json.get<std::string>()
                            : json.is_structured() ? json.type_name()
                                                   : json.dump();
  throw DataError(fmt::format("{}: found '{}', expected {}", where, shown(found),
                              has_time ? "a time stamp such as \"2014-10-30 15:30:00\""
                                       : "the number of a row, because the series has no time stamps"));
}

std::vector<LabelSpan> spans_of(const Json& list, bool has_time, const std::string& source) {
  if (!list.is_array())
    throw DataError(fmt::format("{}: found {}, expected a list of windows", source, list.type_name()));
  std::vector<LabelSpan> spans;
  for (const Json& pair : list) {
    const std::string where = fmt::format("{}, window {}", source, spans.size() + 1);
    if (!pair.is_array() || pair.size() != 2)
      throw DataError(fmt::format("{}: expected a list of two, its first and its last moment", where));
    spans.push_back(checked({moment(pair[0], has_time, where), moment(pair[1], has_time, where)}, where));
  }
  return spans;
}

/// The list that is of the data file.
const Json& list_of(const Json& object, const std::string& source, const std::string& data) {
  const std::string file = std::filesystem::path(data).filename().string();
  const Json* found = nullptr;
  std::vector<std::string> names;
  for (const auto& [key, list] : object.items()) {
    names.push_back(std::filesystem::path(key).filename().string());
    if (names.back() != file) continue;
    if (found != nullptr)
      throw DataError(
          fmt::format("{}: found '{}' twice, expected one list of windows for it", source, shown(file)));
    found = &list;
  }
  if (found == nullptr)
    throw DataError(
        fmt::format("{}: found no windows of '{}'; {}", source, shown(file), suggestion(file, names)));
  return *found;
}

std::vector<LabelSpan> read_csv_labels(const std::string& path, bool has_time) {
  CsvReader reader(path);
  const auto column = [&](const char* name) {
    try {
      return reader.find(name, "labels");
    } catch (const SettingError& error) {  // it is the file that is wrong
      throw DataError(fmt::format("{}: {}", path, error.what()));
    }
  };
  const ColumnKind kind = has_time ? ColumnKind::time : ColumnKind::number;
  const ColumnRequest requests[] = {{column("begin"), kind}, {column("end"), kind}};
  const Table table = reader.read(requests);
  std::vector<LabelSpan> spans;
  for (std::size_t row = 0; row < table.rows; ++row) {
    const std::string where = fmt::format("{}, line {}", path, table.line(row));
    const auto at = [&](const Table::Entry& entry) -> std::int64_t {
      if (has_time) return entry.times[row];
      const double number = entry.numbers[row];
      if (!(number >= 0 && number < 0x1p53) ||
          number != static_cast<double>(static_cast<std::int64_t>(number)))
        throw DataError(fmt::format("{}, column '{}': expected the number of a row", where, entry.name));
      return static_cast<std::int64_t>(number);
    };
    spans.push_back(checked({at(table.columns[0]), at(table.columns[1])}, where));
  }
  return spans;
}

}  // namespace

std::vector<LabelSpan> parse_json_labels(std::string_view text, const std::string& source,
                                         const std::string& data, bool has_time) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::exception& error) {
    throw DataError(fmt::format("{}: expected JSON: {}", source, shown(error.what(), 120)));
  }
  return spans_of(json.is_object() ? list_of(json, source, data) : json, has_time, source);
}

std::vector<LabelSpan> read_labels(const std::string& path, const std::string& data, bool has_time) {
  if (!path.ends_with(".json")) return read_csv_labels(path, has_time);
  return parse_json_labels(read_file(path, kMaxLabelBytes), path, data, has_time);
}

std::vector<Range> label_rows(const std::vector<LabelSpan>& labels, const SeriesSet& set, Range part) {
  const auto at = [&](std::size_t row) {
    const auto number = static_cast<std::int64_t>(row);
    return set.frequency ? set.time(0, number) : number;
  };
  /// The first row of the part that is at this moment or later; moments ascend.
  const auto first_from = [&](std::int64_t moment) {
    Range left = part;
    while (left.size() > 0) {
      const std::size_t middle = left.begin + left.size() / 2;
      at(middle) < moment ? left.begin = middle + 1 : left.end = middle;
    }
    return left.begin;
  };
  std::vector<Range> rows;
  for (const LabelSpan& label : labels) {
    const bool last = label.end == std::numeric_limits<std::int64_t>::max();
    const Range range{first_from(label.begin), last ? part.end : first_from(label.end + 1)};
    if (range.begin < range.end) rows.push_back(range);
  }
  return rows;
}

}  // namespace carousel
