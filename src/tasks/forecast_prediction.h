// What comes next: forecasts from the end of a CSV file, or after each row of a stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/weight_format.h"

namespace carousel {

/// One forecast value.
struct ForecastRow {
  std::string series;     ///< empty without an id column
  std::size_t step = 1;   ///< of the horizon
  std::int64_t time = 0;  ///< seconds since 1970, or the row number (0: the first) without a frequency
  std::string target;
  double forecast = 0;
  std::vector<double> quantiles;  ///< one a level, ascending
};

struct ForecastTable {
  bool has_time = false;
  std::string id_name, time_name;  ///< of the columns; empty: none
  std::vector<double> levels;
  std::vector<ForecastRow> rows;  ///< by series, step, target
};

/// The future of every series of a CSV file ("-": standard input, read to its end), by the model of a run
/// folder or a model file. Throws DataError (no rows, known covariates of the steps ahead not there),
/// FileError, ModelError. weights: as load_model takes them.
ForecastTable predict_forecast(const std::string& run, const std::string& data, ThreadPool& pool,
                               std::optional<WeightFormat> weights = {});

/// A forecast after each row that arrives. Each is made by reading the last `context` rows anew, from the
/// state that windows begin with in training; so it has the same bits as predict_forecast on the rows so far.
/// Known covariates that are not there yet for the steps ahead are a DataError.
class ForecastStream {
 public:
  /// data: a path, or "-" for standard input.
  ForecastStream(const std::string& run, const std::string& data, ThreadPool& pool,
                 std::optional<WeightFormat> weights = {});
  ~ForecastStream();
  ForecastStream(ForecastStream&&) noexcept;

  /// Names and levels, without rows.
  const ForecastTable& head() const noexcept;
  /// Waits for the next row; the forecast after it, or nothing at the end of the stream.
  std::optional<std::vector<ForecastRow>> next();

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace carousel
