#include "data/series_columns.h"

#include <fmt/format.h>

#include <algorithm>
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

}  // namespace

SeriesColumns find_series_columns(const CsvReader& reader, const SeriesRequest& request, SeriesSet& set) {
  Parts parts(reader);
  SeriesColumns found;
  for (const std::string& name : request.targets) found.values.push_back(parts.take(name, "target"));
  for (const std::string& name : request.past) found.values.push_back(parts.take(name, "past covariate"));
  for (const std::string& name : request.known) found.values.push_back(parts.take(name, "known covariate"));
  if (request.id) found.id = parts.take(*request.id, "id");
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
  return found;
}

void fail_no_time(const std::string& source, const Frequency& frequency) {
  throw DataError(fmt::format("{}: found no column of time stamps, expected one ({}), as in training", source,
                              frequency.name()));
}

void fail_missing(const std::string& place, const std::string& column) {
  throw DataError(
      fmt::format("{}, column '{}': the value is missing, expected a number; to allow it: --missing "
                  "interpolate or mask (in run.toml: missing)",
                  place, shown(column)));
}

}  // namespace carousel
