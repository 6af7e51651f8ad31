// The report of one forecasting run, composed of the parts that the caller has; a missing part is left out.
// Nothing is forecast or scored here: numbers come in, a page goes out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/report/report.h"

namespace carousel::report {

/// One quantile of the forecast distribution at every step, e.g. level 0.1.
struct Quantile {
  double level = 0.5;
  std::vector<double> values;
};

/// A forecast from one origin. Times are seconds since 1970 (or row numbers, see ForecastRun::has_time).
struct Forecast {
  std::vector<double> history_times;  ///< what the model had seen, as much of it as is worth showing
  std::vector<double> history;
  std::vector<double> times;  ///< [horizon]
  std::vector<double> values;
  std::vector<double> truth;        ///< [horizon], or empty where the future is not known yet
  std::vector<Quantile> quantiles;  ///< those at q and 1 − q become one band
};

/// truth − forecast of one test value, at a step of the horizon (1 is the nearest).
struct Residual {
  double time = 0;
  std::size_t step = 1;
  double value = 0;
};

/// One line of the training history. NaN where a figure was not taken.
struct Epoch {
  double number = 0;
  double training_loss = 0;
  double validation_loss = 0;
  double learning_rate = 0;
};

/// What makes one figure better than another; `near_goal` for coverage, which should meet its nominal level.
enum class Better { lower, higher, near_goal };

struct Metric {
  std::string name;  ///< "MAE"
  std::string unit;  ///< "passengers", "%", or empty
  Better better = Better::lower;
  double goal = 0;  ///< for near_goal
};

struct Score {
  std::string name;            ///< "model", "naive", "seasonal naive (12)", "drift"
  std::vector<double> values;  ///< one a metric; NaN where a metric does not apply
};

/// Metrics on the test part. The first metric decides whether the model beats a baseline.
struct Scores {
  std::vector<Metric> metrics;
  Score model;
  std::vector<Score> baselines;
  std::size_t test_values = 0;  ///< how many true values of the test part were forecast
};

/// Mean absolute error at each step of the horizon, of the model or of a baseline.
struct StepError {
  std::string name;
  std::vector<double> values;  ///< [horizon]
};

/// Activity of one recurrent layer while it reads a sample sequence; each matrix is [units, time], row-major,
/// and empty where the layer has no such quantity.
struct GateActivity {
  std::string layer;  ///< "lstm 1"
  std::vector<double> times;
  std::vector<double> inputs;         ///< the scaled target that the layer's network read, or empty
  std::vector<double> i, f, g, o, c;  ///< of an lstm: input, forget, candidate, output gate, cell state
  std::vector<double> z, r, n;        ///< of a gru: update, reset gate, candidate
};

/// What was scored from one rolling origin: the same metric of the network and of each baseline.
struct OriginError {
  double time = 0;    ///< seconds since 1970, or how many rows the test part has left
  std::string place;  ///< "1960-01-01", "48 rows before the end"
  std::vector<double> values;
};

/// Errors from rolling origins, oldest first.
struct OriginErrors {
  std::string metric;              ///< "MAE", "sMAPE"
  bool has_time = false;           ///< OriginError::time is one
  std::vector<std::string> names;  ///< of the values; the network first
  std::vector<OriginError> origins;
};

struct ForecastRun {
  std::string name;                ///< of the run, e.g. "air"
  std::string target;              ///< name of the column
  std::string unit;                ///< of the target, or empty
  bool has_time = true;            ///< false: times are row numbers
  std::string step_name = "step";  ///< singular: "month", "hour"
  std::size_t horizon = 0;

  Scores scores;
  std::optional<Forecast> last;     ///< from the end of the data
  std::vector<Forecast> examples;   ///< from origins in the test part
  std::optional<Forecast> test;     ///< the whole test part, forecasts set end to end; history is not shown
  std::vector<Residual> residuals;  ///< of the test part, in order of time
  std::vector<StepError> step_errors;  ///< the model first
  OriginErrors origin_errors;
  std::string loss_name;  ///< "mse on the scaled target"
  std::vector<Epoch> epochs;
  std::optional<double> best_epoch;
  std::vector<GateActivity> gates;
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::pair<std::string, std::string>>
      provenance;  ///< data file and hash, program version, seed, date, machine
};

Report forecast_report(const ForecastRun& run);

}  // namespace carousel::report
