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
/// The inverses; throw SettingError with the nearest name. "auto" for automatic.
ForecastMode parse_forecast_mode(std::string_view name);
Transform parse_transform(std::string_view name);
Anchor parse_anchor(std::string_view name);
Missing parse_missing(std::string_view name);
DateOrder parse_date_order(std::string_view name);

struct ForecastSettings {
  static constexpr std::string_view kTask = "forecast";

  // Data. What is not set is found out from the file, and set in the settings that a run keeps.
  std::string data;                      ///< path of a CSV file
  std::optional<std::string> checksum;   ///< "fnv1a64:..." that the file must have
  std::vector<std::string> targets;      ///< empty: the last number column
  std::vector<std::string> past, known;  ///< covariates: known up to now only; known ahead as well
  std::optional<std::string> id;         ///< long form: the column that says which series a row belongs to
  std::optional<std::string> time;       ///< column of time stamps; "": none
  DateOrder date_order = DateOrder::find_out;
  Missing missing = Missing::error;
  SplitRule split = SplitFractions{};
  std::optional<std::size_t> season;  ///< steps of the cycle for the seasonal baseline; 0: none

  // Forecast
  std::size_t horizon = 1;
  std::optional<std::size_t> context;  ///< rows that a forecast looks back on
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
  LossOptions loss_options;
  /// epochs: 50 of them, or 10 where no validation part can stop training before it learns by heart.
  TrainingSettings training{.updates_per_epoch = 100, .batch = 64};
  std::size_t validation_windows = 1000;  ///< at most so many, evenly spaced

  // Evaluation
  std::size_t test_windows = 10000;  ///< at most so many origins, evenly spaced
};

/// quantile, or mae for a recursive forecast.
std::string standard_loss(ForecastMode mode);

/// Everything that can be seen without the data. Throws SettingError naming the option and what would work.
void check_settings(const ForecastSettings& settings);

}  // namespace carousel
