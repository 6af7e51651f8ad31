#include "data/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "carousel/error.h"
#include "data/cells.h"
#include "data/frequency.h"
#include "data/missing_values.h"
#include "data/series_columns.h"
#include "data/wide_series.h"

namespace carousel {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// From a table to series, column by column, so that no more than one column is there twice.
class Builder {
 public:
  Builder(Table table, const SeriesColumns& roles, SeriesSet& set) : table_(std::move(table)), set_(set) {
    values_ = set.names.size();
    if (roles.id) id_ = &table_.columns[values_].text;
    std::size_t next = values_ + (roles.id ? 1 : 0);
    if (roles.time) times_ = &table_.columns[next++].times;
    statics_ = next;
  }

  void build(std::optional<Frequency> frequency) {
    set_.series.resize(id_ ? id_->words.size() : 1);
    for (std::size_t s = 0; id_ && s < set_.series.size(); ++s) set_.series[s].id = id_->words[s];
    for (Series& series : set_.series) series.columns.resize(values_);
    for (std::size_t c = 0; c < values_; ++c) {
      distribute(table_.columns[c].numbers,
                 [&](std::size_t s) -> Column<double>& { return set_.series[s].columns[c]; });
    }
    check_ids();
    read_statics();
    if (times_) build_axes(frequency);
    for (std::size_t s = 0; s < set_.series.size(); ++s) {
      find_length(set_.series[s], s);
      treat_missing(set_.series[s], s);
    }
  }

 private:
  /// Gives each series its rows of a column, which is taken apart.
  template <class T, class Receiver>
  void distribute(Column<T>& column, Receiver receiver) {
    if (!id_) {
      receiver(0) = std::move(column);
      return;
    }
    for (std::size_t row = 0; row < column.size(); ++row) receiver(id_->codes[row]).push_back(column[row]);
    column = {};
  }

  void check_ids() const {
    for (std::size_t s = 0; id_ && s < set_.series.size(); ++s) {
      if (!set_.series[s].id.empty()) continue;
      throw DataError(fmt::format("{}, column '{}': found an empty cell, expected the id of a series",
                                  place(s, 0), shown(set_.id_name)));
    }
  }

  /// Of each series from its first row; the others must agree.
  void read_statics() {
    const std::size_t count = set_.static_names.size();
    if (count == 0) return;
    for (std::size_t row = 0; row < table_.rows; ++row) {
      // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): there are statics only beside ids, by the request
      Series& series = set_.series[id_->codes[row]];
      const bool is_first = series.statics.empty();
      for (std::size_t k = 0; k < count; ++k) {
        const TextColumn& column = table_.columns[statics_ + k].text;
        const std::string& text = column.words[column.codes[row]];
        if (is_first) series.statics.push_back(text);
        if (text != series.statics[k])
          fail_static(fmt::format("{} line {}", table_.source, table_.line(row)), set_.static_names[k], text,
                      series.statics[k], series.id);
      }
    }
  }

  /// "sales.csv line 12" for a row of a series as it was read.
  std::string place(std::size_t s, std::size_t series_row) const {
    std::size_t row = series_row;
    if (id_) {
      for (row = 0; row < table_.rows; ++row) {
        if (id_->codes[row] == s && series_row-- == 0) break;
      }
    }
    return fmt::format("{} line {}", table_.source, table_.line(row));
  }

  void build_axes(std::optional<Frequency> frequency) {
    std::vector<Column<std::int64_t>> axes(set_.series.size());
    distribute(*times_, [&](std::size_t s) -> Column<std::int64_t>& { return axes[s]; });
    std::vector<const Column<std::int64_t>*> pointers;
    for (std::size_t s = 0; s < axes.size(); ++s) {
      check_order(axes[s], s);
      pointers.push_back(&axes[s]);
    }
    set_.frequency = frequency ? *frequency : find_frequency(pointers);
    for (std::size_t s = 0; s < axes.size(); ++s) {
      set_.series[s].start = axes[s][0];
      if (set_.frequency) place_rows(set_.series[s], axes[s], s);
      axes[s] = {};
    }
  }

  void check_order(const Column<std::int64_t>& axis, std::size_t s) const {
    for (std::size_t i = 1; i < axis.size(); ++i) {
      if (axis[i] > axis[i - 1]) continue;
      const std::string where = fmt::format("{}, column '{}'", place(s, i), shown(set_.time_name));
      if (axis[i] == axis[i - 1]) {
        throw TimeOrderError(fmt::format("{}: time stamp {} is there twice", where, format_time(axis[i])));
      }
      throw TimeOrderError(
          fmt::format("{}: found {} after {}, expected rows in the order of time; sort the file", where,
                      format_time(axis[i]), format_time(axis[i - 1])));
    }
  }

  /// Makes row i lie i steps after the first; gaps become rows of missing values.
  void place_rows(Series& series, const Column<std::int64_t>& axis, std::size_t s) const {
    std::vector<std::size_t> gap_rows;  // rows before which steps are missing
    std::int64_t expected = 0;
    for (std::size_t i = 0; i < axis.size(); ++i, ++expected) {
      const std::optional<std::int64_t> step = steps_between(axis[0], axis[i], set_.frequency);
      if (!step) fail_step(axis, i, s, "which is not a whole number of steps");
      if (*step == expected) continue;
      if (set_.missing == Missing::error) {
        fail_step(
            axis, i, s,
            fmt::format("a gap of {} missing row{}", *step - expected, *step - expected == 1 ? "" : "s"));
      }
      // More rows missing than there are: that is not the step of this axis.
      if (static_cast<std::size_t>(*step) > 2 * axis.size()) {
        fail_step(axis, i, s, "and more rows are missing than there are");
      }
      gap_rows.push_back(i);
      expected = *step;
    }
    if (gap_rows.empty()) return;
    for (Column<double>& column : series.columns) column = spread_out(column, axis);
  }

  Column<double> spread_out(const Column<double>& column, const Column<std::int64_t>& axis) const {
    Column<double> result;
    for (std::size_t i = 0; i < column.size(); ++i) {
      const auto step = static_cast<std::size_t>(*steps_between(axis[0], axis[i], set_.frequency));
      while (result.size() < step) result.push_back(kMissing);
      result.push_back(column[i]);
    }
    return result;
  }

  [[noreturn]] void fail_step(const Column<std::int64_t>& axis, std::size_t i, std::size_t s,
                              std::string_view what) const {
    throw DataError(
        fmt::format("{}, column '{}': found {} after {}, {}, expected equal steps ({}){}", place(s, i),
                    shown(set_.time_name), format_time(axis[i]), format_time(axis[i > 0 ? i - 1 : 0]), what,
                    set_.frequency.name(),
                    set_.missing == Missing::error
                        ? "; to fill gaps, train with --missing interpolate or mask (in run.toml: "
                          "missing)"
                        : ""));
  }

  /// With known covariates, rows at the end that have nothing else tell the future.
  void find_length(Series& series, std::size_t s) const {
    const std::size_t observed = set_.targets + set_.past;
    series.length = series.columns[0].size();
    const auto empty_row = [&](std::size_t row) {
      return std::all_of(series.columns.begin(),
                         series.columns.begin() + static_cast<std::ptrdiff_t>(observed),
                         [row](const Column<double>& column) { return std::isnan(column[row]); });
    };
    while (set_.known > 0 && series.length > 0 && empty_row(series.length - 1)) --series.length;
    if (series.length > 0) return;
    throw DataError(fmt::format("{}: all targets of the series that begins here are missing", place(s, 0)));
  }

  void treat_missing(Series& series, std::size_t s) const {
    if (set_.missing == Missing::mask) return;
    for (std::size_t c = 0; c < values_; ++c) {
      Column<double>& column = series.columns[c];
      const std::size_t end = c < set_.targets + set_.past ? series.length : column.size();
      if (set_.missing == Missing::interpolate) {
        if (interpolate(column, end)) continue;
        throw DataError(
            fmt::format("{}, column '{}': the series that begins here has no value to interpolate from",
                        place(s, 0), shown(set_.names[c])));
      }
      for (std::size_t row = 0; row < end; ++row) {
        if (std::isnan(column[row])) fail_missing(place(s, row), set_.names[c]);
      }
    }
  }

  Table table_;
  SeriesSet& set_;
  std::size_t values_ = 0, statics_ = 0;  // columns of values; the first static one
  const TextColumn* id_ = nullptr;
  Column<std::int64_t>* times_ = nullptr;
};

}  // namespace

SeriesSet read_series(CsvReader& reader, const SeriesRequest& request, std::optional<Frequency> frequency) {
  if (request.form == SeriesForm::wide) {
    if (frequency && *frequency) fail_no_time(reader.source(), *frequency);
    return read_wide_series(reader, request);
  }
  SeriesSet set;
  const SeriesColumns roles = find_series_columns(reader, request, set);
  if (frequency && *frequency && !roles.time) fail_no_time(set.source, *frequency);
  std::vector<ColumnRequest> requests;
  for (const std::size_t column : roles.values) requests.push_back({column, ColumnKind::number});
  if (roles.id) requests.push_back({*roles.id, ColumnKind::text});
  if (roles.time) requests.push_back({*roles.time, ColumnKind::time});
  for (const std::size_t column : roles.statics) requests.push_back({column, ColumnKind::text});
  Builder(reader.read(requests), roles, set).build(frequency);
  return set;
}

}  // namespace carousel
