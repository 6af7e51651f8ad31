#include "tasks/forecast_model.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "data/cells.h"
#include "tasks/model_metadata.h"
#include "tasks/run_folder.h"
#include "tasks/setting_checks.h"
#include "tasks/settings_file.h"
#include "tasks/target_log.h"

namespace carousel {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kTask = ForecastSettings::kTask;

Json to_json(const Scalers& scalers) {
  Json list = Json::array();
  for (const Scaler& scaler : scalers) list.push_back({scaler.offset, scaler.scale});
  return list;
}

/// NaN is null in JSON.
double number_or_nan(const Json& json) {
  return json.is_null() ? ForecastMetrics::kUndefined : json.get<double>();
}

Scalers scalers_from(const Json& json, std::size_t count) {
  Scalers scalers;
  for (const Json& pair : json) scalers.push_back({pair.at(0).get<double>(), pair.at(1).get<double>()});
  const bool usable = std::ranges::all_of(scalers, [](const Scaler& scaler) {
    return std::isfinite(scaler.offset) && std::isfinite(scaler.scale) && scaler.scale > 0;
  });
  if (scalers.size() != count || !usable)
    throw ModelError(fmt::format("found {} scalers, expected {} of finite offset and scale above 0",
                                 scalers.size(), count));
  return scalers;
}

Json series_to_json(const std::map<std::string, TargetScales>& series) {
  Json list = Json::array();
  for (const auto& [id, scales] : series) {
    Json metrics = Json::array();
    for (const auto& scale : scales.metrics) metrics.push_back({scale.mase_scale, scale.deviation});
    list.push_back({{"id", id}, {"scalers", to_json(scales.scalers)}, {"metrics", metrics}});
  }
  return list;
}

std::map<std::string, TargetScales> series_from(const Json& json, std::size_t targets) {
  std::map<std::string, TargetScales> series;
  for (const Json& one : json) {
    TargetScales scales{scalers_from(one.at("scalers"), targets), {}};
    for (const Json& pair : one.at("metrics"))
      scales.metrics.push_back({number_or_nan(pair.at(0)), number_or_nan(pair.at(1))});
    if (scales.metrics.size() != targets)
      throw ModelError("series: expected one pair of metric scales a target");
    series.emplace(one.at("id").get<std::string>(), std::move(scales));
  }
  return series;
}

Json statics_to_json(const std::vector<StaticFeature>& features) {
  Json list = Json::array();
  for (const StaticFeature& feature : features)
    list.push_back(
        {{"name", feature.name}, {"categories", feature.categories}, {"scaler", to_json({feature.scaler})}});
  return list;
}

std::vector<StaticFeature> statics_from(const Json& json) {
  std::vector<StaticFeature> features;
  for (const Json& one : json) {
    StaticFeature& feature = features.emplace_back();
    feature.name = one.at("name").get<std::string>();
    feature.categories = one.at("categories").get<std::vector<std::string>>();
    feature.scaler = scalers_from(one.at("scaler"), 1)[0];
    const bool ascending =
        std::ranges::adjacent_find(feature.categories, std::greater_equal<>()) == feature.categories.end();
    if (!ascending || feature.categories.size() > kMostCategories)
      throw ModelError(
          fmt::format("static: expected at most {} categories in order, each once", kMostCategories));
  }
  return features;
}

StaticTable table_from(const Json& json, const std::vector<StaticFeature>& features) {
  StaticTable table;
  table.source = json.at("source").get<std::string>();
  for (const StaticFeature& feature : features) table.names.push_back(feature.name);
  table.rows = json.at("rows").get<std::map<std::string, std::vector<std::string>>>();
  for (const auto& [id, row] : table.rows)
    if (row.size() != features.size()) throw ModelError("static: expected a value a feature in every row");
  return table;
}

}  // namespace

void require_resolved(const ForecastSettings& s) {
  const bool resolved = !s.targets.empty() && s.context && s.split && s.season && s.calendar && s.layers &&
                        s.loss && s.training.epochs > 0 && s.anchor != Anchor::automatic &&
                        (s.anchor != Anchor::seasonal || *s.season > 0);
  if (!resolved)
    throw ModelError("settings: expected those of a finished set-up, found some that are not decided");
}

std::string coding_text(const ForecastCoding& coding) {
  Json json = {{"frequency", coding.frequency.name()},
               {"covariates", to_json(coding.covariates)},
               {"series", series_to_json(coding.series)}};
  json["log"] = Json::array();
  for (const std::uint8_t log : coding.log) json["log"].push_back(log != 0);
  if (!coding.statics.empty()) json["statics"] = statics_to_json(coding.statics);
  if (!coding.static_table.rows.empty())
    json["static_table"] = {{"source", coding.static_table.source}, {"rows", coding.static_table.rows}};
  return json.dump();
}

void read_coding(const std::string& text, ForecastCoding& coding) {
  const std::size_t targets = coding.settings.targets.size();
  const Json json = Json::parse(text);
  coding.frequency = parse_frequency(json.at("frequency").get<std::string>());
  for (const Json& log : json.at("log")) coding.log.push_back(log.get<bool>() ? 1 : 0);
  if (coding.log.size() != targets) throw ModelError("log: expected one flag a target");
  coding.covariates =
      scalers_from(json.at("covariates"), coding.settings.past.size() + coding.settings.known.size());
  coding.series = series_from(json.at("series"), targets);
  if (json.contains("statics")) coding.statics = statics_from(json.at("statics"));
  const bool same_names =
      std::ranges::equal(coding.statics, coding.settings.statics, {}, &StaticFeature::name);
  if (!same_names || json.contains("static_table") != coding.settings.static_data.has_value())
    throw ModelError("static: expected the features that the settings name");
  if (json.contains("static_table"))
    coding.static_table = table_from(json.at("static_table"), coding.statics);
}

namespace {

ForecastCoding coding_from(const Metadata& metadata) {
  require_task(metadata, kTask);
  ForecastCoding coding;
  coding.settings = from_toml<ForecastSettings>(metadata_entry(metadata, "settings"), "settings");
  require_resolved(coding.settings);
  check_settings(coding.settings);
  read_coding(metadata_entry(metadata, "coding"), coding);
  return coding;
}

Metadata metadata_of(const ForecastCoding& coding, const Metadata& provenance) {
  Metadata metadata = task_metadata(kTask, to_toml(coding.settings), provenance);
  metadata["coding"] = coding_text(coding);
  return metadata;
}

}  // namespace

SeriesRequest ForecastCoding::request() const {
  SeriesRequest request{settings.targets, settings.past,    settings.known, settings.id,
                        settings.time,    settings.missing, settings.form};
  if (!settings.static_data) request.statics = settings.statics;  // else they are of another file
  return request;
}

std::size_t ForecastCoding::steps_per_row() const {
  return settings.mode == ForecastMode::direct ? settings.horizon : 1;
}

WindowSettings ForecastCoding::window_settings() const {
  WindowSettings window;
  window.context = *settings.context;
  window.horizon = window.known_steps = steps_per_row();
  window.missing_indicators = settings.missing == Missing::mask;
  window.calendar = *settings.calendar;
  window.lags = settings.lags;
  return window;
}

Anchors ForecastCoding::anchors() const { return {settings.anchor, *settings.season, steps_per_row()}; }

std::size_t ForecastCoding::reach() const {
  const std::size_t lag = settings.lags.empty() ? 0 : std::ranges::max(settings.lags);
  return std::max(anchors().reach(), lag * Windows::kCyclesBack);
}

RelativeInputs ForecastCoding::inputs(const Windows& windows) const {
  return {windows, anchors().relative(), settings.scaling == Scaling::window};
}

std::size_t ForecastCoding::outputs_per_row() const {
  return make_loss<float>(*settings.loss, settings.loss_options)
      ->outputs_for(steps_per_row() * settings.targets.size());
}

std::string ForecastCoding::spec() const {
  if (*settings.loss != "mixture") return fmt::format("{}, dense {}", *settings.layers, outputs_per_row());
  // One mixture over all steps and targets, so that a component is a whole course of events.
  return fmt::format("{}, mixture {} outputs={}", *settings.layers, settings.loss_options.components,
                     steps_per_row() * settings.targets.size());
}

std::vector<double> ForecastCoding::levels() const {
  return gives_quantiles(*settings.loss) ? settings.loss_options.quantiles : std::vector<double>();
}

Scalers ForecastCoding::scalers_of(const Series& one, Range rows) const {
  const auto found = series.find(one.id);
  Scalers scalers = found != series.end() ? found->second.scalers : fit_scalers(one, rows, settings.scaling);
  scalers.resize(settings.targets.size());
  scalers.insert(scalers.end(), covariates.begin(), covariates.end());
  return scalers;
}

std::vector<std::vector<float>> ForecastCoding::statics_for(SeriesSet& set) const {
  if (statics.empty()) return {};
  if (!static_table.rows.empty()) join_statics(static_table, set);
  std::vector<std::vector<float>> all;
  for (const Series& one : set.series) all.push_back(static_inputs(statics, set, one));
  return all;
}

void ForecastCoding::take_logs(SeriesSet& set) const {
  for (std::size_t k = 0; k < log.size(); ++k)
    if (log[k] != 0) take_log(set, k);
}

double ForecastCoding::original(double scaled, const Scaler& scaler, std::size_t target) const {
  const double value = scaler.invert(scaled);
  return log[target] != 0 ? exp_of_target(value) : value;
}

Network<float> build_forecast_network(const ForecastCoding& coding, std::size_t inputs) {
  Network<float> network =
      in_layers([&] { return Network<float>(coding.spec(), inputs, coding.settings.training.seed); });
  if (!network.causal())
    throw SettingError(fmt::format(
        "layers: {} looks at rows after the one that a forecast is made from; use layers that run "
        "forward in time, such as lstm, gru, dense, dropout, residual and conv1d with padding=causal "
        "and stride=1",
        network.first_not_causal()));
  return network;
}

void save_forecast_model(const std::string& path, const ForecastCoding& coding, const Network<float>& network,
                         const Metadata& provenance) {
  save_model(path, network, metadata_of(coding, provenance));
}

bool is_forecast(const Metadata& metadata) {
  const auto task = metadata.find("task");
  return task != metadata.end() && task->second == kTask;
}

ForecastModel forecast_model(LoadedModel<float> loaded, const std::string& file) {
  try {
    ForecastCoding coding = coding_from(loaded.metadata);
    const std::size_t outputs = coding.outputs_per_row();
    if (loaded.network.outputs() != outputs || !loaded.network.causal())
      throw ModelError(fmt::format("the network has {} outputs, expected {} and no layer that looks ahead",
                                   loaded.network.outputs(), outputs));
    return {std::move(coding), std::move(loaded.network), provenance_in(loaded.metadata)};
  } catch (const Json::exception& error) {
    throw ModelError(fmt::format("{}: metadata: {}", file, error.what()));
  } catch (const Error& error) {
    throw ModelError(fmt::format("{}: {}", file, error.what()));
  }
}

ForecastModel load_forecast_model(const std::string& path, std::optional<WeightFormat> weights) {
  const std::string file = model_file(path);
  return forecast_model(load_model<float>(file, weights), file);
}

}  // namespace carousel
