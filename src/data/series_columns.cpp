#include "data/series_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "carousel/error.h"
#include "data/cells.h"

namespace carousel {
namespace {

/// Gives columns their parts, each at most one.
class Parts {
 public:
  explicit Parts(const CsvReader& reader) : reader_(reader), part_of_(reader.columns().size()) {}

  std::size_t take(std::string_view name, std::string_view part) {
    const std::size_t column = reader_.find(name, part);
    std::string_view& taken = part_of_[column];
    if (!taken.empty()) {
      throw SettingError(fmt::format("{}: column '{}' is already used ({}), expected one use for a column",
                                     part, shown(name), taken));
    }
    taken = part;
    return column;
  }
  bool is_free(std::size_t column) const { return part_of_[column].empty(); }

 private:
  const CsvReader& reader_;
  std::vector<std::string_view> part_of_;
};

std::size_t last_number_column(const CsvReader& reader, const Parts& parts) {
  for (std::size_t i = reader.columns().size(); i-- > 0;) {
    if (reader.columns()[i].kind == ColumnKind::number && parts.is_free(i)) return i;
  }
  throw DataError(fmt::format("{}: found no column of numbers, expected one to forecast", reader.source()));
}

std::optional<std::size_t> first_time_column(const CsvReader& reader, const Parts& parts) {
  for (std::size_t i = 0; i < reader.columns().size(); ++i) {
    if (reader.columns()[i].kind == ColumnKind::time && parts.is_free(i)) return i;
  }
  return std::nullopt;
}

/// Do the time stamps of each text's rows ascend?
bool tells_apart(const TextColumn& text, const Column<std::int64_t>& times) {
  std::vector<std::optional<std::int64_t>> last(text.words.size());
  for (std::size_t row = 0; row < times.size(); ++row) {
    std::optional<std::int64_t>& before = last[text.codes[row]];
    if (before && *before >= times[row]) return false;
    before = times[row];
  }
  return true;
}

}  // namespace

SeriesColumns find_series_columns(const CsvReader& reader, const SeriesRequest& request, SeriesSet& set) {
  Parts parts(reader);
  SeriesColumns found;
  for (const std::string& name : request.targets) found.values.push_back(parts.take(name, "target"));
  for (const std::string& name : request.past) found.values.push_back(parts.take(name, "past covariate"));
  for (const std::string& name : request.known) found.values.push_back(parts.take(name, "known covariate"));
  if (request.id) found.id = parts.take(*request.id, "id");
  if (!request.statics.empty() && !request.id)
    throw SettingError(
        "static: features that do not change with time tell series apart, and there is no id; "
        "name the column with --id (in run.toml: id)");
  for (const std::string& name : request.statics) found.statics.push_back(parts.take(name, "static"));
  if (!request.time) found.time = first_time_column(reader, parts);
  if (request.time && !request.time->empty()) found.time = parts.take(*request.time, "time");
  if (request.targets.empty()) {
    found.values.insert(found.values.begin(), last_number_column(reader, parts));
  }
  set.source = reader.source();
  for (const std::size_t column : found.values) set.names.push_back(reader.columns()[column].name);
  set.targets = std::max<std::size_t>(request.targets.size(), 1);
  set.past = request.past.size();
  set.known = request.known.size();
  if (found.id) set.id_name = reader.columns()[*found.id].name;
  if (found.time) set.time_name = reader.columns()[*found.time].name;
  set.missing = request.missing;
  set.static_names = request.statics;
  return found;
}

std::optional<std::string> find_id_column(CsvReader& reader, const SeriesRequest& request) {
  SeriesSet unused;
  const SeriesColumns roles = find_series_columns(reader, request, unused);
  if (!roles.time) return std::nullopt;
  std::vector<ColumnRequest> requests{{*roles.time, ColumnKind::time}};
  for (std::size_t i = 0; i < reader.columns().size(); ++i)
    if (reader.columns()[i].kind == ColumnKind::text && i != *roles.time)
      requests.push_back({i, ColumnKind::text});
  Table table;
  try {
    table = reader.read(requests);
  } catch (const DataError&) {  // in a column that was not asked for, and is none of the user's worries
    return std::nullopt;
  }
  const Table::Entry* best = nullptr;
  for (const Table::Entry& column : std::span(table.columns).subspan(1)) {
    // A text that no two rows share tells rows apart, not series.
    const std::size_t words = column.text.words.size(), fewest = best ? best->text.words.size() : table.rows;
    if (words < fewest && tells_apart(column.text, table.columns[0].times)) best = &column;
  }
  return best ? std::optional(best->name) : std::nullopt;
}

void fail_no_time(const std::string& source, const Frequency& frequency) {
  throw DataError(fmt::format("{}: found no column of time stamps, expected one ({}), as in training", source,
                              frequency.name()));
}

void fail_static(const std::string& place, const std::string& column, const std::string& found,
                 const std::string& before, const std::string& id) {
  throw DataError(
      fmt::format("{}, column '{}': found '{}' after '{}', expected the same in all rows of the series '{}'; "
                  "a column that changes is a covariate",
                  place, shown(column), shown(found), shown(before), shown(id)));
}

}  // namespace carousel
