// A trained forecast: the network, and all that turns rows of a file into its inputs and its outputs into
// forecasts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/static_features.h"
#include "data/windows.h"
#include "losses/loss.h"
#include "model/model_file.h"
#include "tasks/anchors.h"
#include "tasks/forecast_settings.h"
#include "tasks/metrics.h"
#include "tasks/relative_inputs.h"

namespace carousel {

/// How the targets of one series were scaled, and what its metrics are scaled by; one value a target.
struct TargetScales {
  Scalers scalers;
  std::vector<MetricSums::Scale> metrics;
};

/// What is known beside the weights.
struct ForecastCoding {
  ForecastSettings settings;  ///< resolved: nothing automatic is left but a transform that differs by target
  Frequency frequency;
  std::vector<std::uint8_t> log;  ///< [targets]: does it go through the logarithm?
  Scalers covariates;             ///< past, then known; one for all series
  std::map<std::string, TargetScales> series;
  std::vector<StaticFeature> statics;
  StaticTable
      static_table;  ///< where they are of a file of their own: all of it, so that it is read only once

  SeriesRequest request() const;
  WindowSettings window_settings() const;
  Anchors anchors() const;
  /// Rows at and before a row of a window that its inputs and its anchors may look at: what a stream keeps.
  std::size_t reach() const;
  RelativeInputs inputs(const Windows& windows) const;
  /// Steps that the network forecasts at each row, and its outputs there.
  std::size_t steps_per_row() const;
  std::size_t outputs_per_row() const;
  /// The spec of the whole network.
  std::string spec() const;
  /// Levels of the quantiles that a forecast has; empty for losses that give none.
  std::vector<double> levels() const;

  /// The scalers of each series of a set, whose targets have been through take_logs. A series that training
  /// has not seen is scaled by its own rows `rows(number)`.
  template <class Rows>
  std::vector<Scalers> scalers_for(const SeriesSet& set, Rows&& rows) const;
  Scalers scalers_of(const Series& one, Range rows) const;
  /// Of every series of a set, for Windows; gives the set what static_table knows. Throws DataError.
  std::vector<std::vector<float>> statics_for(SeriesSet& set) const;
  /// In place.
  void take_logs(SeriesSet& set) const;
  /// A scaled target as it was.
  double original(double scaled, const Scaler& scaler, std::size_t target) const;
};

/// Throws ModelError where something automatic is left in a model's settings.
void require_resolved(const ForecastSettings& settings);
/// All of a coding but its settings, as a text; and back, into a coding that has its settings. Throws
/// ModelError, SettingError, nlohmann::json::exception.
std::string coding_text(const ForecastCoding& coding);
void read_coding(const std::string& text, ForecastCoding& coding);

struct ForecastModel {
  ForecastCoding coding;
  Network<float> network;
  Metadata provenance;
};

/// Throws SettingError for layers that cannot forecast: those that look ahead.
Network<float> build_forecast_network(const ForecastCoding& coding, std::size_t inputs);

/// The same model gives the same bytes. Throws FileError.
void save_forecast_model(const std::string& path, const ForecastCoding& coding, const Network<float>& network,
                         const Metadata& provenance);
/// Whether a model file's metadata are those of a forecast.
bool is_forecast(const Metadata& metadata);
/// What has been loaded from `file`, which errors name. Throws ModelError.
ForecastModel forecast_model(LoadedModel<float> loaded, const std::string& file);
/// path: a model file, or a run folder. weights: as load_model takes them. Throws FileError, ModelError.
ForecastModel load_forecast_model(const std::string& path, std::optional<WeightFormat> weights = {});

template <class Rows>
std::vector<Scalers> ForecastCoding::scalers_for(const SeriesSet& set, Rows&& rows) const {
  std::vector<Scalers> all;
  for (std::size_t s = 0; s < set.series.size(); ++s) all.push_back(scalers_of(set.series[s], rows(s)));
  return all;
}

}  // namespace carousel
