#include "tasks/detect_model.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "data/cells.h"
#include "tasks/model_metadata.h"
#include "tasks/run_folder.h"
#include "tasks/setting_checks.h"
#include "tasks/settings_file.h"

namespace carousel {
namespace {

using Json = nlohmann::json;

NormalErrors normal_from(const Json& json) {
  const NormalErrors normal{json.at(0).get<double>(), json.at(1).get<double>()};
  if (!(normal.mean >= 0) || !std::isfinite(normal.mean) || !(normal.deviation > 0) ||
      !std::isfinite(normal.deviation))
    throw ModelError("errors: expected a finite mean of at least 0 and a finite deviation above 0");
  return normal;
}

std::size_t outputs_of(const DetectSettings& settings, const ForecastCoding& coding) {
  const std::size_t targets = coding.settings.targets.size();
  return settings.method == DetectMethod::residual ? coding.steps_per_row() * targets : targets;
}

/// Errors are measured in deviations of the training part.
void require_deviations(const ForecastCoding& coding) {
  if (coding.series.size() != 1) throw ModelError("series: expected exactly one");
  for (const MetricSums::Scale& scale : coding.series.begin()->second.metrics)
    if (!(scale.deviation > 0) || !std::isfinite(scale.deviation))
      throw ModelError("series: expected a finite deviation above 0");
}

DetectModel model_from(LoadedModel<float> loaded) {
  const Metadata& metadata = loaded.metadata;
  require_task(metadata, DetectSettings::kTask);
  auto settings = from_toml<DetectSettings>(metadata_entry(metadata, "settings"), "settings");
  check_settings(settings);
  ForecastCoding coding;
  coding.settings = series_settings(settings);
  require_resolved(coding.settings);
  read_coding(metadata_entry(metadata, "coding"), coding);
  require_deviations(coding);
  const Json errors = Json::parse(metadata_entry(metadata, "errors"));
  const NormalErrors normal = normal_from(errors.at("normal")), baseline = normal_from(errors.at("baseline"));
  const std::size_t outputs = outputs_of(settings, coding);
  if (loaded.network.outputs() != outputs || !loaded.network.causal())
    throw ModelError(fmt::format("the network has {} outputs, expected {} and no layer that looks ahead",
                                 loaded.network.outputs(), outputs));
  return {std::move(settings),
          {std::move(coding), std::move(loaded.network), provenance_in(metadata)},
          normal,
          baseline};
}

}  // namespace

Network<float> build_detect_network(const DetectSettings& settings, const ForecastCoding& coding,
                                    std::size_t inputs) {
  if (settings.method == DetectMethod::residual) return build_forecast_network(coding, inputs);
  const std::string spec =
      fmt::format("{}, dense {}", *coding.settings.layers, coding.settings.targets.size());
  // One more input says whether it reads or writes.
  Network<float> network =
      in_layers([&] { return Network<float>(spec, inputs + 1, coding.settings.training.seed); });
  if (!network.causal())
    throw SettingError(fmt::format(
        "layers: {} looks ahead, and would hand over what is to be remembered; use layers that run forward "
        "in time, such as lstm, gru, dense and dropout",
        network.first_not_causal()));
  return network;
}

void save_detect_model(const std::string& path, const DetectModel& model, const Network<float>& network) {
  Metadata metadata = task_metadata(DetectSettings::kTask, to_toml(model.settings), model.series.provenance);
  metadata["coding"] = coding_text(model.series.coding);
  const auto pair = [](const NormalErrors& normal) { return Json::array({normal.mean, normal.deviation}); };
  metadata["errors"] = Json{{"normal", pair(model.normal)}, {"baseline", pair(model.baseline)}}.dump();
  save_model(path, network, metadata);
}

DetectModel load_detect_model(const std::string& path, std::optional<WeightFormat> weights) {
  const std::string file = model_file(path);
  LoadedModel<float> loaded = load_model<float>(file, weights);
  try {
    return model_from(std::move(loaded));
  } catch (const Json::exception& error) {
    throw ModelError(fmt::format("{}: metadata: {}", file, error.what()));
  } catch (const Error& error) {
    throw ModelError(fmt::format("{}: {}", file, error.what()));
  }
}

}  // namespace carousel
