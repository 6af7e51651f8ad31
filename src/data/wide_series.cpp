#include "data/wide_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "carousel/error.h"
#include "data/cells.h"
#include "data/missing_values.h"

namespace carousel {
namespace {

void check_request(const SeriesRequest& request) {
  const auto refuse = [](std::string_view what) {
    throw SettingError(fmt::format(
        "form: wide holds one value a step and no time stamps, {}; use the long form, one row a step", what));
  };
  if (request.targets.size() > 1) refuse("and no second target");
  if (!request.past.empty() || !request.known.empty()) refuse("and no covariates");
  if (request.time && !request.time->empty()) refuse(fmt::format("and no column '{}'", shown(*request.time)));
}

/// The columns of the table by what they hold.
struct WideColumns {
  std::size_t id = 0;
  std::vector<std::size_t> statics, values;
};

WideColumns find_columns(const CsvReader& reader, const SeriesRequest& request) {
  WideColumns found;
  if (request.id) found.id = reader.find(*request.id, "id");
  std::vector<bool> taken(reader.columns().size());
  const auto take = [&](std::size_t column, std::string_view part) {
    if (taken[column])
      throw SettingError(fmt::format("{}: column '{}' is already used, expected one use for a column", part,
                                     shown(reader.columns()[column].name)));
    taken[column] = true;
  };
  take(found.id, "id");
  for (const std::string& name : request.statics) {
    found.statics.push_back(reader.find(name, "static"));
    take(found.statics.back(), "static");
  }
  for (std::size_t column = 0; column < taken.size(); ++column)
    if (!taken[column]) found.values.push_back(column);
  if (found.values.empty())
    throw DataError(fmt::format("{}: found no column of values beside the id '{}', expected one a step",
                                reader.source(), shown(reader.columns()[found.id].name)));
  return found;
}

/// The rows of a table as series; ids and statics stand before the values.
class WideBuilder {
 public:
  WideBuilder(const Table& table, SeriesSet& set)
      : table_(table), set_(set), first_(1 + set.static_names.size()) {}

  void build() {
    check_ids();
    for (std::size_t row = 0; row < table_.rows; ++row) set_.series.push_back(series(row));
  }

 private:
  std::string place(std::size_t row) const {
    return fmt::format("{} line {}", table_.source, table_.line(row));
  }
  const std::string& text(std::size_t row, std::size_t entry) const {
    const TextColumn& column = table_.columns[entry].text;
    return column.words[column.codes[row]];
  }
  double value(std::size_t row, std::size_t step) const { return table_.columns[first_ + step].numbers[row]; }

  void check_ids() const {
    const TextColumn& ids = table_.columns[0].text;
    std::vector<std::size_t> first(ids.words.size(), table_.rows);
    for (std::size_t row = 0; row < table_.rows; ++row) {
      std::size_t& before = first[ids.codes[row]];
      const std::string& id = ids.words[ids.codes[row]];
      if (id.empty())
        throw DataError(fmt::format("{}, column '{}': found an empty cell, expected the id of a series",
                                    place(row), shown(set_.id_name)));
      if (before != table_.rows)
        throw DataError(
            fmt::format("{}, column '{}': found '{}', which line {} has already, expected a row a "
                        "series; is it the long form (--form long)?",
                        place(row), shown(set_.id_name), shown(id), table_.line(before)));
      before = row;
    }
  }

  Series series(std::size_t row) const {
    Series series;
    series.id = text(row, 0);
    for (std::size_t k = 1; k < first_; ++k) series.statics.push_back(text(row, k));
    std::size_t begin = 0, end = table_.columns.size() - first_;
    while (end > 0 && std::isnan(value(row, end - 1))) --end;
    while (begin < end && std::isnan(value(row, begin))) ++begin;
    if (end == 0)
      throw DataError(fmt::format("{}: found no value of the series '{}', expected at least one", place(row),
                                  shown(series.id)));
    Column<double>& column = series.columns.emplace_back();
    for (std::size_t step = begin; step < end; ++step) {
      if (std::isnan(value(row, step)) && set_.missing == Missing::error)
        fail_missing(place(row), table_.columns[first_ + step].name);
      column.push_back(value(row, step));
    }
    series.length = column.size();
    if (set_.missing == Missing::interpolate) interpolate(column, series.length);  // both ends have values
    return series;
  }

  const Table& table_;
  SeriesSet& set_;
  std::size_t first_;
};

}  // namespace

SeriesSet read_wide_series(CsvReader& reader, const SeriesRequest& request) {
  check_request(request);
  const WideColumns columns = find_columns(reader, request);
  SeriesSet set;
  set.source = reader.source();
  set.names = {request.targets.empty() ? std::string("value") : request.targets[0]};
  set.targets = 1;
  set.static_names = request.statics;
  set.id_name = reader.columns()[columns.id].name;
  set.missing = request.missing;
  std::vector<ColumnRequest> requests{{columns.id, ColumnKind::text}};
  for (const std::size_t column : columns.statics) requests.push_back({column, ColumnKind::text});
  for (const std::size_t column : columns.values) requests.push_back({column, ColumnKind::number});
  const Table table = reader.read(requests);
  WideBuilder(table, set).build();
  return set;
}

}  // namespace carousel
