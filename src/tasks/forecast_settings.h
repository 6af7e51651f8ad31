// Everything that can be chosen about a forecast: what is forecast from which columns, by which network, and
// how it is trained. Threads are not among it: they do not change the result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/calendar.h"
#include "data/scaler.h"
#include "data/series.h"
#include "data/split.h"
#include "losses/loss.h"
#include "tasks/training_settings.h"

namespace carousel {

/// direct: the network puts out all steps of the horizon at once. recursive: one step, which is fed back for
/// the next.
enum class ForecastMode { direct, recursive };
/// What the targets go through before they are scaled. automatic: log where all values are positive and their
/// spread grows with their level (log_suits).
enum class Transform { automatic, none, log };
/// What the network's outputs are added to (and its inputs are free of: RelativeInputs): nothing, the last
/// known value, or the value one season (or as many as needed) before the step that is forecast. automatic:
/// last or seasonal, whichever alone forecasts the validation part better.
enum class Anchor { automatic, none, last, seasonal };

std::string_view name(ForecastMode mode) noexcept;
std::string_view name(Transform transform) noexcept;
std::string_view name(Anchor anchor) noexcept;
std::string_view name(Missing missing) noexcept;
std::string_view name(DateOrder order) noexcept;
std::string_view name(SeriesForm form) noexcept;
/// The inverses; throw SettingError with the nearest name. "auto" for automatic.
ForecastMode parse_forecast_mode(std::string_view name);
Transform parse_transform(std::string_view name);
Anchor parse_anchor(std::string_view name);
Missing parse_missing(std::string_view name);
DateOrder parse_date_order(std::string_view name);
/// "long", "wide".
SeriesForm parse_series_form(std::string_view name);

struct ForecastSettings {
  static constexpr std::string_view kTask = "forecast";

  // Data. What is not set is found out from the file, and set in the settings that a run keeps.
  std::string data;                     ///< path of a CSV file
  std::optional<std::string> checksum;  ///< "fnv1a64:..." that the file must have
  /// A file of the same columns with what came after: it is the test part.
  std::optional<std::string> test_data, test_checksum;
  SeriesForm form = SeriesForm::long_form;
  std::vector<std::string> targets;      ///< empty: the last number column
  std::vector<std::string> past, known;  ///< covariates: known up to now only; known ahead as well
  std::optional<std::string> id;         ///< the column that says which series a row belongs to
  /// Static features: columns that stay the same in a series; of a file of their own, where one is given
  /// (none named: all of it).
  std::vector<std::string> statics;
  std::optional<std::string> static_data, static_checksum;
  std::optional<std::string> time;  ///< column of time stamps; "": none
  DateOrder date_order = DateOrder::find_out;
  Missing missing = Missing::error;
  std::optional<SplitRule> split;     ///< not set: standard_split
  std::optional<std::size_t> season;  ///< steps of the cycle for the seasonal baseline; 0: none

  // Forecast
  std::size_t horizon = 1;
  std::optional<std::size_t> context;  ///< rows that a forecast looks back on
  /// Values of the targets so many rows before each step are inputs; each at least the horizon, so that they
  /// are known.
  std::vector<std::size_t> lags;
  ForecastMode mode = ForecastMode::direct;
  std::optional<std::vector<CalendarFeature>> calendar;  ///< empty: none
  Scaling scaling = Scaling::standard;
  Transform transform = Transform::automatic;
  Anchor anchor = Anchor::automatic;

  // Network
  std::optional<std::string> layers;  ///< spec without the last dense layer; not set: from hidden and dropout
  std::size_t hidden = 32;
  double dropout = 0.2;

  // Training
  std::optional<std::string> loss;  ///< not set: standard_loss
  LossOptions loss_options{.components = 3};
  /// epochs: 50 of them, or 10 where no validation part can stop training before it learns by heart.
  TrainingSettings training{.updates_per_epoch = 100, .batch = 64};
  std::size_t validation_windows = 1000;  ///< at most so many, evenly spaced

  // Evaluation
  std::size_t test_windows = 10000;  ///< at most so many origins, evenly spaced
  /// Rolling origins of each series instead: so many (0: no), the last one a horizon before the end, each
  /// `stride` rows (0: a horizon) after the one before.
  std::size_t origins = 0, stride = 0;
};

/// 70 %, 10 % and 20 % of the rows; with a test file the last horizon of rows for validation and all else for
/// training.
SplitRule standard_split(const ForecastSettings& settings);
/// Whether there is something to evaluate on.
bool has_test_part(const ForecastSettings& settings);

/// What a forecast is made from: "48 rows", "48 rows and lags 48, 336". The context is set.
std::string seen_text(const ForecastSettings& settings);

/// Whether a loss tells how sure a forecast is.
bool gives_quantiles(std::string_view loss);
/// quantile, or mae for a recursive forecast.
std::string standard_loss(ForecastMode mode);

/// Throws FileError, with the advice, where the data file or the test file is not there (data_file.h).
void require_data_files(const ForecastSettings& settings, const std::string& named_in,
                        std::string_view advice);

/// Everything that can be seen without the data. Throws SettingError naming the option and what would work.
void check_settings(const ForecastSettings& settings);

}  // namespace carousel
