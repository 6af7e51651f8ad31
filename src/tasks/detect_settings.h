// Everything that can be chosen about the detection of anomalies: of which columns, by which network, and
// from when on errors are an anomaly.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tasks/forecast_settings.h"

namespace carousel {

/// What a network's error is of. residual: of forecasts, made before the row was there. autoencoder: of the
/// last rows, read and then written down again from memory.
enum class DetectMethod { residual, autoencoder };

std::string_view name(DetectMethod method) noexcept;
/// The inverse; throws SettingError with the nearest name.
DetectMethod parse_detect_method(std::string_view name);

struct DetectSettings {
  static constexpr std::string_view kTask = "detect";

  DetectMethod method = DetectMethod::residual;
  /// Data, network and training, as a forecast has them; of one series, without known covariates. horizon and
  /// loss stand here only once they are decided.
  ForecastSettings series;
  std::optional<std::size_t> horizon;  ///< residual: steps that each row is forecast from before. Not set: 5
  std::optional<std::string> loss;     ///< mae, mse or huber. Not set: mae; of an autoencoder mse

  // Likelihood and windows: see AnomalyLikelihood, find_windows
  std::size_t long_rows = 4000, short_rows = 10;
  double threshold = 5;
  std::size_t gap = 48;

  std::optional<std::string> labels;  ///< path of known anomalies, to judge by; nothing is learnt from them
};

/// Everything that can be seen without the data. Throws SettingError naming the option and what would work.
void check_settings(const DetectSettings& settings);

/// The settings as the parts of a forecast are to see them: horizon and loss decided, and, for an
/// autoencoder, without all that only forecasts have.
ForecastSettings series_settings(const DetectSettings& settings);

}  // namespace carousel
