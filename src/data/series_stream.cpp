#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "carousel/error.h"
#include "data/cells.h"
#include "data/frequency.h"
#include "data/missing_values.h"
#include "data/series.h"
#include "data/series_columns.h"

namespace carousel {
namespace {

std::string place(const SeriesSet& set, const CsvRow& row) {
  return fmt::format("{} line {}", set.source, row.line);
}

}  // namespace

SeriesSet last_rows(const SeriesSet& set, std::size_t number, std::size_t rows) {
  const Series& from = set.series[number];
  const std::size_t first = from.length - std::min(from.length, rows);
  SeriesSet last{set.source,    set.names,     set.targets, set.past, set.known,       set.id_name,
                 set.time_name, set.frequency, set.missing, {},       set.static_names};
  Series series{from.id, from.start, from.length - first, {}, from.statics};
  if (set.frequency) series.start = set.time(number, static_cast<std::int64_t>(first));
  for (const Column<double>& column : from.columns) {
    Column<double>& copy = series.columns.emplace_back();
    for (std::size_t row = first; row < from.length; ++row) copy.push_back(column[row]);
  }
  last.series.push_back(std::move(series));
  return last;
}

SeriesStream::SeriesStream(CsvReader reader, const SeriesRequest& request, Frequency frequency)
    : reader_(std::move(reader)) {
  if (request.missing == Missing::interpolate) {
    throw SettingError(
        "missing: interpolate needs the values after a gap, which a stream does not have yet; use mask or "
        "error");
  }
  if (request.form == SeriesForm::wide)
    throw SettingError(
        "form: in the wide form a row is a whole series and no step of time, so that there is no "
        "stream of them; give a file, or the long form");
  SeriesColumns found = find_series_columns(reader_, request, set_);
  if (frequency && !found.time) fail_no_time(set_.source, frequency);
  set_.frequency = frequency;
  value_columns_ = std::move(found.values);
  static_columns_ = std::move(found.statics);
  id_column_ = found.id;
  if (frequency) time_column_ = found.time;
}

std::optional<std::size_t> SeriesStream::next() {
  const std::optional<CsvRow> row = reader_.next();
  if (!row) return std::nullopt;
  const std::size_t number = series_of(*row);
  Series& series = set_.series[number];
  if (time_column_) {
    const std::int64_t time = reader_.time(*row, *time_column_);
    if (series.length == 0) series.start = time;
    append_gap(series, *row, time);
  }
  for (std::size_t c = 0; c < value_columns_.size(); ++c) {
    const double value = reader_.number(*row, value_columns_[c]);
    if (std::isnan(value) && set_.missing == Missing::error) fail_missing(place(set_, *row), set_.names[c]);
    series.columns[c].push_back(value);
  }
  ++series.length;
  return number;
}

std::size_t SeriesStream::series_of(const CsvRow& row) {
  const std::string id = id_column_ ? std::string(row.fields[*id_column_]) : std::string();
  if (id_column_ && (id.empty() || !is_utf8(id))) {
    throw DataError(fmt::format("{}, column '{}': found '{}', expected the id of a series (UTF-8)",
                                place(set_, row), shown(set_.id_name), shown(id)));
  }
  const auto [found, is_new] = numbers_.emplace(id, set_.series.size());
  if (is_new) {
    Series series;
    series.id = id;
    series.columns.resize(value_columns_.size());
    series.statics = statics_of(row);
    set_.series.push_back(std::move(series));
  }
  const std::vector<std::string>& known = set_.series[found->second].statics;
  for (std::size_t k = 0; !is_new && k < static_columns_.size(); ++k)
    if (const std::string_view text = row.fields[static_columns_[k]]; text != known[k])
      fail_static(place(set_, row), set_.static_names[k], std::string(text), known[k], id);
  return found->second;
}

std::vector<std::string> SeriesStream::statics_of(const CsvRow& row) const {
  std::vector<std::string> texts;
  for (const std::size_t column : static_columns_) texts.emplace_back(row.fields[column]);
  return texts;
}

void SeriesStream::append_gap(Series& series, const CsvRow& row, std::int64_t time) {
  constexpr std::int64_t kLongestGap = 10000;
  const std::optional<std::int64_t> step = steps_between(series.start, time, set_.frequency);
  const auto expected = static_cast<std::int64_t>(series.length);
  const std::int64_t gap = step.value_or(-1) - expected;
  const bool fillable = set_.missing == Missing::mask && gap > 0 && gap <= kLongestGap;
  if (gap != 0 && !fillable) {
    throw DataError(fmt::format("{}, column '{}': found {}, expected {} ({})", place(set_, row),
                                shown(set_.time_name), format_time(time),
                                format_time(set_.frequency.advance(series.start, expected)),
                                set_.frequency.name()));
  }
  for (Column<double>& column : series.columns) {
    for (std::int64_t i = 0; i < gap; ++i) column.push_back(std::numeric_limits<double>::quiet_NaN());
  }
  series.length += static_cast<std::size_t>(gap);
}

}  // namespace carousel
