#include "tasks/forecast_evaluation.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "tasks/baselines.h"
#include "tasks/data_file.h"
#include "tasks/forecast_data.h"
#include "tasks/forecast_pictures.h"
#include "tasks/forecaster.h"
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

class Evaluator {
 public:
  Evaluator(const ForecastModel& model, const ForecastData& data, ThreadPool& pool)
      : model_(model), data_(data), forecaster_(model.coding, model.network, *data.windows, pool) {
    const ForecastSettings& settings = model.coding.settings;
    horizon_ = settings.horizon;
    levels_ = model.coding.levels();
    kinds_ = {Baseline::naive, Baseline::drift};
    if (*settings.season > 0) kinds_.insert(kinds_.begin() + 1, Baseline::seasonal_naive);
    for (std::size_t k = 0; k < data.set.targets; ++k) {
      model_sums_.emplace_back(horizon_, levels_);
      baseline_sums_.emplace_back(kinds_.size(), ScoreSums(horizon_, {}));
    }
    find_first_rows();
  }

  void run(const WindowList& list, std::span<const std::size_t> numbers, ForecastEvaluation& out) {
    for (std::size_t begin = 0; begin < numbers.size(); begin += Forecaster::kChunk) {
      std::vector<Window> windows;
      for (std::size_t i = begin; i < std::min(begin + Forecaster::kChunk, numbers.size()); ++i)
        windows.push_back(list[numbers[i]]);
      const Forecasts forecasts = forecaster_.run(windows);
      for (std::size_t b = 0; b < windows.size(); ++b)
        for (std::size_t k = 0; k < forecasts.targets; ++k) add(windows[b], b, k, forecasts, out);
    }
    for (std::size_t k = 0; k < data_.set.targets; ++k) out.targets.push_back(target(k));
    out.beats_baselines =
        std::ranges::all_of(out.targets, [](const TargetEvaluation& t) { return t.beats_baselines; });
  }

  const Forecaster& forecaster() const { return forecaster_; }

 private:
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

  void add(const Window& window, std::size_t b, std::size_t k, const Forecasts& forecasts,
           ForecastEvaluation& out) {
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
      const bool shown = k == 0 && (j == 0 || j + 1 == horizon_) && !std::isnan(truth[j]);
      if (shown)
        out.residuals.push_back(
            {time_of(data_.set, window.series, window.origin + 1 + j), j + 1, truth[j] - forecasts.point[i]});
    }
    for (std::size_t n = 0; n < kinds_.size(); ++n) {
      forecast_baseline(kinds_[n], value, first, window.origin, *model_.coding.settings.season, simple);
      for (std::size_t j = 0; j < horizon_; ++j) baseline_sums_[k][n].add(j, truth[j], simple[j], {}, own);
    }
  }

  TargetEvaluation target(std::size_t k) const {
    TargetEvaluation result;
    result.target = data_.set.names[k];
    result.model = model_sums_[k].score("model");
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
  std::vector<std::size_t> first_;                     // [series, targets]: first row with a value
};

void require_own_data(const std::string& data, const std::string& run_folder) {
  const RunFolder folder{run_folder};
  const std::string evaluate = "name a file to evaluate on";
  folder.exists() ? require_data(data, folder.settings(), RunFolder::kNewPath + (", or " + evaluate))
                  : require_data(data, run_folder, evaluate);
}

}  // namespace

/// A run.toml, where there is one, says where the data are now; the model only knows where they were.
std::string own_data(const std::string& run_folder, const ForecastCoding& coding) {
  const RunFolder folder{run_folder};
  return folder.exists() ? read_settings<ForecastSettings>(folder.settings()).data : coding.settings.data;
}

ForecastEvaluation evaluate_forecast(const std::string& run_folder,
                                     const std::optional<std::string>& data_path, ThreadPool& pool,
                                     std::optional<WeightFormat> weights) {
  ForecastModel model = load_forecast_model(run_folder, weights);
  if (!data_path) {
    model.coding.settings.data = own_data(run_folder, model.coding);
    require_own_data(model.coding.settings.data, run_folder);
  }
  return evaluate_forecast(model, data_path, pool);
}

ForecastEvaluation evaluate_forecast(const ForecastModel& model, const std::optional<std::string>& data_path,
                                     ThreadPool& pool) {
  const ForecastSettings& settings = model.coding.settings;
  const std::unique_ptr<ForecastData> data =
      data_path ? read_other_data(model.coding, *data_path) : read_own_data(model.coding);
  const WindowList list = data->list(Part::test);
  const std::vector<std::size_t> numbers = list.spread(settings.test_windows);

  ForecastEvaluation out;
  out.data = data_path.value_or(settings.data);
  out.test_part = !data_path.has_value();
  out.trained_on = data_path && *data_path != "-" && fingerprint(*data_path).checksum == settings.checksum;
  out.origins = numbers.size();
  out.all_origins = list.size();
  out.horizon = settings.horizon;
  out.season = *settings.season;
  out.has_time = static_cast<bool>(data->set.frequency);
  out.frequency = data->set.frequency.name();
  out.levels = model.coding.levels();
  if (!out.levels.empty()) out.nominal_coverage = out.levels.back() - out.levels.front();
  require_test_windows(model.coding, *data, list);
  Evaluator evaluator(model, *data, pool);
  evaluator.run(list, numbers, out);
  draw_samples(model, *data, evaluator.forecaster(), list, out);
  record_gates(model, *data, list, pool, out);
  return out;
}

}  // namespace carousel
