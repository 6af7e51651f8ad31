// Time series as tasks see them: equal steps in time order, columns by their role.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "carousel/error.h"
#include "data/column.h"
#include "data/csv.h"
#include "data/time_stamp.h"

namespace carousel {

/// What to do where a value, or a whole row of the time axis, is missing.
enum class Missing {
  /// DataError with source, line and column.
  error,
  /// On the straight line between the neighbours in time, the nearest value at the ends. Looks at values
  /// after
  /// the gap, also across the borders of a split; not for streams.
  interpolate,
  /// Stays NaN; Windows give 0 and a missing indicator, losses leave such targets out.
  mask,
};

/// How a table holds series.
enum class SeriesForm {
  /// A row is one step of time, of the one series or of the one that its id names.
  long_form,
  /// A row is a whole series: see data/wide_series.h.
  wide,
};

/// Which columns of a table play which part. Names are resolved by find().
struct SeriesRequest {
  /// At least one. Without any: the last number column of the file.
  std::vector<std::string> targets;
  /// Known up to now only.
  std::vector<std::string> past;
  /// Known ahead, also for the steps to be forecast.
  std::vector<std::string> known;
  /// Long form: rows with the same text here make one series.
  std::optional<std::string> id;
  /// Without it: the first column of kind time that has no other part, if there is one. An empty name: none.
  std::optional<std::string> time;
  Missing missing = Missing::error;
  SeriesForm form = SeriesForm::long_form;
  /// The same in all rows of a series; needs an id. Read as texts.
  std::vector<std::string> statics = {};
};

/// One series. Row i lies at frequency.advance(start, i).
struct Series {
  std::string id;
  /// Seconds since 1970 of row 0; meaningless without a frequency.
  std::int64_t start = 0;
  /// Rows up to the last one with a target or past covariate; forecasts begin after it.
  std::size_t length = 0;
  /// targets, then past, then known. The known columns may go on beyond `length`.
  std::vector<Column<double>> columns;
  /// One a static column.
  std::vector<std::string> statics = {};
};

/// All series of a table, of one frequency.
struct SeriesSet {
  std::string source;
  /// Names of Series::columns, and how many of them are what.
  std::vector<std::string> names;
  std::size_t targets = 0, past = 0, known = 0;
  /// The columns the ids and time stamps came from; empty: none.
  std::string id_name, time_name;
  /// Unit none: no time column, steps are counted only.
  Frequency frequency;
  Missing missing = Missing::error;
  std::vector<Series> series;
  /// Names of Series::statics.
  std::vector<std::string> static_names = {};

  /// Time stamp of a row, also beyond the end. Needs a frequency.
  std::int64_t time(std::size_t series_number, std::int64_t row) const noexcept {
    return frequency.advance(series[series_number].start, row);
  }
};

/// Time stamps of one series that do not ascend: perhaps they are several series.
struct TimeOrderError : DataError {
  using DataError::DataError;
};

/// Reads all that is left of a CSV as series, only the columns asked for. `frequency`: the one a model was
/// trained with, taken instead of finding it out (needed for a single row). Rows at the end whose targets and
/// past covariates are all missing are future rows: they give known covariates ahead.
/// Throws SettingError for an unknown column (nearest name suggested), a column with two parts, no number
/// column to forecast; TimeOrderError for time stamps that are twice there or out of order; DataError as
/// CsvReader::read, for time stamps not at equal steps (a gap is treated as missing rows: see Missing), for
/// missing values under Missing::error, and for a static column that changes within a series.
SeriesSet read_series(CsvReader& reader, const SeriesRequest& request,
                      std::optional<Frequency> frequency = std::nullopt);

/// After a TimeOrderError, from a reader of the same file: the text column that would make series with
/// ascending time stamps if it were the id; of several the one with the fewest different texts. Nothing if
/// there is none, or if they cannot be read.
std::optional<std::string> find_id_column(CsvReader& reader, const SeriesRequest& request);

/// The last `rows` rows of one series (all, if it has no more) as a set of its own; known columns end with
/// them.
SeriesSet last_rows(const SeriesSet& set, std::size_t number, std::size_t rows);

/// Rows that arrive one at a time, for predictions on a stream: the set grows by each.
class SeriesStream {
 public:
  /// `frequency` as the model was trained with (unit none: time stamps are not looked at).
  /// Missing::interpolate is a SettingError: the next value is not there yet. So is SeriesForm::wide, in
  /// which a row is no step of time.
  SeriesStream(CsvReader reader, const SeriesRequest& request, Frequency frequency);
  /// Waits for the next row and appends it; the number of its series, or nothing at the end. A gap becomes
  /// missing rows (Missing::mask) or a DataError; further errors as read_series.
  std::optional<std::size_t> next();
  const SeriesSet& set() const noexcept { return set_; }

 private:
  std::size_t series_of(const CsvRow& row);
  std::vector<std::string> statics_of(const CsvRow& row) const;
  void append_gap(Series& series, const CsvRow& row, std::int64_t time);

  CsvReader reader_;
  SeriesSet set_;
  std::vector<std::size_t> value_columns_, static_columns_;
  std::optional<std::size_t> id_column_, time_column_;
  /// Series by id.
  std::unordered_map<std::string, std::size_t> numbers_;
};

}  // namespace carousel
