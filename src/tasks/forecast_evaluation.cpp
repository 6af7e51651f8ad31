#include "tasks/forecast_evaluation.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "tasks/baselines.h"
#include "tasks/data_file.h"
#include "tasks/forecast_data.h"
#include "tasks/forecast_pictures.h"
#include "tasks/forecaster.h"
#include "tasks/rolling_origins.h"
#include "tasks/run_folder.h"
#include "tasks/settings_file.h"

namespace carousel {
namespace {

/// Sums of the model or of one baseline for one target: over all steps, and step by step.
struct ScoreSums {
  MetricSums all;
  std::vector<MetricSums> by_step;

  ScoreSums(std::size_t horizon, std::span<const double> levels)
      : all(levels), by_step(horizon, MetricSums(levels)) {}
  void add(std::size_t j, double truth, double forecast, std::span<const double> quantiles,
           const MetricSums::Scale& scale) {
    all.add(truth, forecast, quantiles, scale);
    by_step[j].add(truth, forecast, quantiles, scale);
  }
  ForecastScore score(std::string_view name) const {
    ForecastScore result{std::string(name), all.metrics(), {}};
    for (const MetricSums& step : by_step) result.by_step.push_back(step.metrics());
    return result;
  }
};

/// Places to forecast from, and which rolling origin each belongs to (0 without any).
struct Places {
  std::vector<Window> windows;
  std::vector<std::size_t> origin;
  std::size_t origins = 0;
};

class Evaluator {
 public:
  Evaluator(const ForecastModel& model, const ForecastData& data, std::size_t origins, ThreadPool& pool)
      : model_(model), data_(data), forecaster_(model.coding, model.network, *data.windows, pool) {
    const ForecastSettings& settings = model.coding.settings;
    horizon_ = settings.horizon;
    levels_ = model.coding.levels();
    kinds_ = {Baseline::naive, Baseline::drift};
    if (*settings.season > 0) kinds_.insert(kinds_.begin() + 1, Baseline::seasonal_naive);
    for (std::size_t k = 0; k < data.set.targets; ++k) {
      model_sums_.emplace_back(horizon_, levels_);
      baseline_sums_.emplace_back(kinds_.size(), ScoreSums(horizon_, {}));
      origin_sums_.emplace_back(origins, OriginSums{MetricSums(levels_), {kinds_.size(), MetricSums()}});
    }
    find_first_rows();
  }

  void run(const Places& places, ForecastEvaluation& out) {
    const std::span<const Window> all = places.windows;
    for (std::size_t begin = 0; begin < all.size(); begin += Forecaster::kChunk) {
      const auto windows = all.subspan(begin, std::min(Forecaster::kChunk, all.size() - begin));
      const Forecasts forecasts = forecaster_.run(windows);
      for (std::size_t b = 0; b < windows.size(); ++b)
        for (std::size_t k = 0; k < forecasts.targets; ++k)
          add(windows[b], places.origin[begin + b], b, k, forecasts, out);
    }
    for (std::size_t k = 0; k < data_.set.targets; ++k) out.targets.push_back(target(k));
    out.beats_baselines =
        std::ranges::all_of(out.targets, [](const TargetEvaluation& t) { return t.beats_baselines; });
  }

  const Forecaster& forecaster() const { return forecaster_; }

 private:
  struct OriginSums {
    MetricSums model;
    std::vector<MetricSums> baselines;  // [kinds]
  };

  /// Scales of a series the model was not trained on are unknown.
  MetricSums::Scale scale(std::size_t series, std::size_t k) const {
    const auto found = model_.coding.series.find(data_.set.series[series].id);
    return found == model_.coding.series.end() ? MetricSums::Scale{} : found->second.metrics[k];
  }

  void find_first_rows() {
    for (const Series& series : data_.set.series)
      for (std::size_t k = 0; k < data_.set.targets; ++k) {
        std::size_t row = 0;
        while (row < series.length && std::isnan(series.columns[k][row])) ++row;
        first_.push_back(row);
      }
  }

  void add(const Window& window, std::size_t origin, std::size_t b, std::size_t k, const Forecasts& forecasts,
           ForecastEvaluation& out) {
    OriginSums* at_origin = origin_sums_[k].empty() ? nullptr : &origin_sums_[k][origin];
    const ValueAt value = [&](std::size_t row) {
      return original_value(model_.coding, data_, window.series, k, row);
    };
    const std::size_t first = first_[window.series * data_.set.targets + k];
    if (window.origin < first) return;  // no baseline is possible: left out for all
    const MetricSums::Scale own = scale(window.series, k);
    std::vector<double> truth(horizon_), simple(horizon_);
    for (std::size_t j = 0; j < horizon_; ++j) {
      truth[j] = value(window.origin + 1 + j);
      const std::size_t i = forecasts.index(b, j, k);
      model_sums_[k].add(j, truth[j], forecasts.point[i], forecasts.quantiles_at(i), own);
      if (at_origin != nullptr)
        at_origin->model.add(truth[j], forecasts.point[i], forecasts.quantiles_at(i), own);
      const bool shown = k == 0 && (j == 0 || j + 1 == horizon_) && !std::isnan(truth[j]);
      if (shown)
        out.residuals.push_back(
            {time_of(data_.set, window.series, window.origin + 1 + j), j + 1, truth[j] - forecasts.point[i]});
    }
    for (std::size_t n = 0; n < kinds_.size(); ++n) {
      forecast_baseline(kinds_[n], value, first, window.origin, *model_.coding.settings.season, simple);
      for (std::size_t j = 0; j < horizon_; ++j) {
        baseline_sums_[k][n].add(j, truth[j], simple[j], {}, own);
        if (at_origin != nullptr) at_origin->baselines[n].add(truth[j], simple[j], {}, own);
      }
    }
  }

  TargetEvaluation target(std::size_t k) const {
    TargetEvaluation result;
    result.target = data_.set.names[k];
    result.model = model_sums_[k].score("model");
    for (const OriginSums& sums : origin_sums_[k]) {
      OriginScore& score = result.by_origin.emplace_back();
      score.model = sums.model.metrics();
      for (const MetricSums& baseline : sums.baselines) score.baselines.push_back(baseline.metrics());
    }
    result.beats_baselines = true;
    for (std::size_t n = 0; n < kinds_.size(); ++n) {
      result.baselines.push_back(baseline_sums_[k][n].score(name(kinds_[n])));
      const ForecastMetrics& other = result.baselines.back().metrics;
      const bool better = result.model.metrics.rmse < other.rmse && result.model.metrics.mae < other.mae;
      result.beats_baselines = result.beats_baselines && better;
      result.diverged = result.diverged || (std::isnan(result.model.metrics.rmse) && !std::isnan(other.rmse));
    }
    return result;
  }

  const ForecastModel& model_;
  const ForecastData& data_;
  Forecaster forecaster_;
  std::size_t horizon_ = 0;
  std::vector<double> levels_;
  std::vector<Baseline> kinds_;
  std::vector<ScoreSums> model_sums_;                  // [targets]
  std::vector<std::vector<ScoreSums>> baseline_sums_;  // [targets][kinds]
  std::vector<std::vector<OriginSums>> origin_sums_;   // [targets][rolling origins]
  std::vector<std::size_t> first_;                     // [series, targets]: first row with a value
};

void require_own_data(const ForecastSettings& settings, const std::string& run_folder) {
  const RunFolder folder{run_folder};
  const std::string evaluate = "name a file to evaluate on";
  folder.exists()
      ? require_data_files(settings, folder.settings(), RunFolder::kNewPath + (", or " + evaluate))
      : require_data_files(settings, run_folder, evaluate);
}

/// All places of the test part, thinned to so many; or rolling origins.
Places choose_places(const ForecastData& data, const WindowList& list, ForecastEvaluation& out) {
  const ForecastSettings& settings = data.coding.settings;
  Places places;
  if (settings.origins == 0) {
    for (const std::size_t number : list.spread(settings.test_windows))
      places.windows.push_back(list[number]);
    places.origin.assign(places.windows.size(), 0);
    return places;
  }
  const std::vector<RollingOrigin> rolling =
      rolling_origins(data.set, data.splits, settings.horizon, settings.origins, settings.stride);
  places.origins = rolling.size();
  for (std::size_t n = 0; n < rolling.size(); ++n) {
    out.rolling.push_back({rolling[n].rows_left, rolling[n].windows.size(), rolling[n].time});
    for (const Window& window : rolling[n].windows) {
      places.windows.push_back(window);
      places.origin.push_back(n);
    }
  }
  return places;
}

}  // namespace

/// A run.toml, where there is one, says where the data are now; the model only knows where they were.
void find_own_data(const std::string& run_folder, ForecastCoding& coding) {
  const RunFolder folder{run_folder};
  if (!folder.exists()) return;
  const ForecastSettings now = read_settings<ForecastSettings>(folder.settings());
  coding.settings.data = now.data;
  coding.settings.test_data = now.test_data;
}

ForecastEvaluation evaluate_forecast(const std::string& run_folder,
                                     const std::optional<std::string>& data_path, ThreadPool& pool,
                                     std::optional<WeightFormat> weights, std::optional<Backtest> backtest) {
  ForecastModel model = load_forecast_model(run_folder, weights);
  if (!data_path) {
    find_own_data(run_folder, model.coding);
    require_own_data(model.coding.settings, run_folder);
  }
  if (backtest) {
    model.coding.settings.origins = backtest->origins;
    model.coding.settings.stride = backtest->stride;
  }
  return evaluate_forecast(model, data_path, pool);
}

ForecastEvaluation evaluate_forecast(const ForecastModel& model, const std::optional<std::string>& data_path,
                                     ThreadPool& pool) {
  const std::unique_ptr<ForecastData> data =
      data_path ? read_other_data(model.coding, *data_path) : read_own_data(model.coding);
  return evaluate_forecast(model, *data, data_path, pool);
}

ForecastEvaluation evaluate_forecast(const ForecastModel& model, const ForecastData& data,
                                     const std::optional<std::string>& data_path, ThreadPool& pool) {
  const ForecastSettings& settings = model.coding.settings;
  const WindowList list = data.list(Part::test);
  ForecastEvaluation out;
  out.data = data_path.value_or(settings.test_data.value_or(settings.data));
  out.test_part = !data_path.has_value();
  out.trained_on = data_path && *data_path != "-" && fingerprint(*data_path).checksum == settings.checksum;
  out.all_origins = list.size();
  out.horizon = settings.horizon;
  out.season = *settings.season;
  out.has_time = static_cast<bool>(data.set.frequency);
  out.frequency = data.set.frequency.name();
  out.levels = model.coding.levels();
  if (!out.levels.empty()) out.nominal_coverage = out.levels.back() - out.levels.front();
  require_test_windows(model.coding, data, list);
  const Places places = choose_places(data, list, out);
  out.origins = places.windows.size();
  Evaluator evaluator(model, data, places.origins, pool);
  evaluator.run(places, out);
  draw_samples(model, data, evaluator.forecaster(), list, out);
  record_gates(model, data, list, pool, out);
  return out;
}

}  // namespace carousel
