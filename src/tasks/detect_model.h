// A trained detector: the network, what turns rows of a file into its inputs, and how large its errors are
// where all is held to be normal.
#pragma once

#include <optional>
#include <string>

#include "tasks/anomaly_likelihood.h"
#include "tasks/detect_settings.h"
#include "tasks/forecast_model.h"

namespace carousel {

struct DetectModel {
  DetectSettings settings;  ///< resolved
  /// Of method residual a forecast like any other; of an autoencoder only the network is another one.
  ForecastModel series;
  NormalErrors normal;    ///< errors of the network on the validation part, or else the training part
  NormalErrors baseline;  ///< the same of the seasonal naive forecast

  /// Rows that an error is made from, beside the row itself: the context.
  std::size_t context() const { return *series.coding.settings.context; }
};

/// inputs: of the windows. Throws SettingError for layers that cannot do it: those that look ahead.
Network<float> build_detect_network(const DetectSettings& settings, const ForecastCoding& coding,
                                    std::size_t inputs);

/// The same model gives the same bytes. Throws FileError.
void save_detect_model(const std::string& path, const DetectModel& model, const Network<float>& network);
/// path: a model file, or a run folder. weights: as load_model takes them. Throws FileError, ModelError.
DetectModel load_detect_model(const std::string& path, std::optional<WeightFormat> weights = {});

}  // namespace carousel
