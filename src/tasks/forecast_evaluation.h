// A trained forecast judged on data: metrics beside the naive forecasts from the very same origins, and what
// pictures of it need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "tasks/forecast_data.h"
#include "tasks/forecast_model.h"
#include "tasks/metrics.h"

namespace carousel {

/// Of the model ("model") or a baseline ("naive", "seasonal naive", "drift").
struct ForecastScore {
  std::string name;
  ForecastMetrics metrics;
  std::vector<ForecastMetrics> by_step;  ///< [horizon]
};

/// What was scored from one rolling origin.
struct OriginScore {
  ForecastMetrics model;
  std::vector<ForecastMetrics> baselines;  ///< as TargetEvaluation::baselines
};

/// Of one target, in its units, over all series.
struct TargetEvaluation {
  std::string target;
  ForecastScore model;
  std::vector<ForecastScore> baselines;
  /// The model's RMSE and MAE are both lower than every baseline's.
  bool beats_baselines = false;
  /// The model's forecasts are no finite numbers, though a baseline's are.
  bool diverged = false;
  std::vector<OriginScore> by_origin = {};  ///< [ForecastEvaluation::rolling]
};

/// A forecast of one target from one origin. Times are seconds since 1970, or row numbers without a
/// frequency.
struct ForecastSample {
  std::string series, target;
  std::vector<std::int64_t> history_times;     ///< the context, oldest first
  std::vector<double> history;                 ///< NaN where missing
  std::vector<std::int64_t> times;             ///< [horizon]
  std::vector<double> truth;                   ///< [horizon], NaN where missing; empty: not known yet
  std::vector<double> forecast;                ///< [horizon]
  std::vector<std::vector<double>> quantiles;  ///< [levels][horizon]
};

/// truth - forecast; step 1 is the nearest.
struct ForecastResidual {
  std::int64_t time = 0;
  std::size_t step = 1;
  double value = 0;
};

/// One quantity inside one layer while it reads a sample window: values [units, times], row-major.
struct GateRecording {
  std::string layer, quantity;  ///< "layers.0"; "i", "f", "g", "o", "c", "h"
  std::size_t units = 0;
  std::vector<double> values;
};

/// A rolling origin (tasks/rolling_origins.h).
struct OriginPlace {
  std::size_t rows_left = 0, series = 0;  ///< of the test part after it; series that have it
  std::optional<std::int64_t> time;       ///< of the last known row, where it is one for all
};

/// Rolling origins instead of all places of the test part: see ForecastSettings.
struct Backtest {
  std::size_t origins = 0, stride = 0;
};

struct ForecastEvaluation {
  std::string data;                          ///< path of the file judged on
  bool test_part = true;                     ///< of the data trained on; false: all of another file
  bool trained_on = false;                   ///< another path, but what is there is the file trained on
  std::size_t origins = 0, all_origins = 0;  ///< used, and possible ones
  std::size_t horizon = 0, season = 0;       ///< season 0: none, and no seasonal naive
  bool has_time = false;                     ///< times are seconds since 1970
  std::string frequency;                     ///< "monthly"
  std::vector<double> levels;                ///< of the quantiles
  double nominal_coverage = ForecastMetrics::kUndefined;  ///< highest level - lowest
  std::vector<OriginPlace> rolling;  ///< oldest first; empty: all places of the test part were taken
  std::vector<TargetEvaluation> targets;
  bool beats_baselines = false;  ///< for every target

  // Pictures are of the first target.
  std::vector<ForecastSample> samples;  ///< from origins spread over the test part
  ForecastSample end_to_end;            ///< the test part of the first series, one forecast after the other
  std::vector<ForecastResidual> residuals;   ///< first and last step from the origins of all series, in order
  std::vector<std::int64_t> recorded_times;  ///< of the recordings
  std::vector<double> recorded_input;        ///< the target as the network read it there
  std::vector<GateRecording> recordings;
};

/// The model of a run folder on the test part of its data, or on all of another CSV file with the same
/// columns. weights: as load_model takes them. Deterministic: the same numbers whenever and on however many
/// threads. backtest: instead of what the settings say. Throws DataError, FileError, ModelError,
/// SettingError.
ForecastEvaluation evaluate_forecast(const std::string& run_folder, const std::optional<std::string>& data,
                                     ThreadPool& pool, std::optional<WeightFormat> weights = {},
                                     std::optional<Backtest> backtest = {});

/// The same of a model whose settings name its own data.
ForecastEvaluation evaluate_forecast(const ForecastModel& model, const std::optional<std::string>& data,
                                     ThreadPool& pool);

/// The same of data that has been read: the model's own, or all of what is at data_path.
ForecastEvaluation evaluate_forecast(const ForecastModel& model, const ForecastData& data,
                                     const std::optional<std::string>& data_path, ThreadPool& pool);

/// Where the data and the test file of a run are: as its run.toml says, else as its model does. Whether they
/// are there is not asked. Throws FileError, SettingError.
void find_own_data(const std::string& run_folder, ForecastCoding& coding);

}  // namespace carousel
