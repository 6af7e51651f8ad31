#include "tasks/weight_drift.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "model/model_file.h"
#include "tasks/forecast_data.h"
#include "tasks/forecast_evaluation.h"
#include "tasks/forecaster.h"
#include "tasks/normal_quantile.h"
#include "tasks/run_folder.h"

namespace carousel {

namespace {

constexpr std::size_t kNormalSequences = 16, kNormalSteps = 64;

Sequences<float> standard_normal(std::size_t features, std::uint64_t seed) {
  Sequences<float> x(std::vector<std::size_t>(kNormalSequences, kNormalSteps), features);
  const Random random(seed, 0);
  const std::span<float> values = x.values();
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(normal_quantile(random.uniform(i) + 0x1p-33));
  return x;
}

/// The windows that the model is judged on.
void add_windows(const ForecastModel& exact, const ForecastModel& reduced, const ForecastData& data,
                 ThreadPool& pool, Drift& drift) {
  const RelativeInputs inputs(*data.windows, exact.coding.anchors().relative());
  const WindowList list = data.list(Part::test);
  const std::vector<std::size_t> numbers = list.spread(exact.coding.settings.test_windows);
  for (std::size_t begin = 0; begin < numbers.size(); begin += Forecaster::kChunk) {
    std::vector<Window> windows;
    for (std::size_t i = begin; i < std::min(begin + Forecaster::kChunk, numbers.size()); ++i)
      windows.push_back(list[numbers[i]]);
    Sequences<float> x;
    inputs.gather(windows, x);
    drift.add(exact.network, reduced.network, x, pool);
  }
}

WeightDrift on_forecasts(const std::string& run, WeightFormat format, const std::optional<std::string>& data,
                         ThreadPool& pool) {
  const ForecastEvaluation before = evaluate_forecast(run, data, pool),
                           after = evaluate_forecast(run, data, pool, format);
  WeightDrift result;
  result.data = before.data;
  result.test_part = before.test_part;
  for (std::size_t k = 0; k < before.targets.size(); ++k)
    result.scores.push_back(
        {before.targets[k].target, before.targets[k].model.metrics, after.targets[k].model.metrics});
  ForecastModel exact = load_forecast_model(run);
  exact.coding.settings.data = before.data;
  const auto read = data ? read_other_data(exact.coding, *data) : read_own_data(exact.coding);
  add_windows(exact, load_forecast_model(run, format), *read, pool, result.outputs);
  return result;
}

}  // namespace

WeightDrift measure_weight_drift(const std::string& run, WeightFormat format,
                                 const std::optional<std::string>& data, std::uint64_t seed,
                                 ThreadPool& pool) {
  const std::string file = model_file(run);
  const LoadedModel<float> reduced = load_model<float>(file, format),
                           exact = load_model<float>(file, WeightFormat::float32);
  const auto task = exact.metadata.find("task");
  const bool forecasts = task != exact.metadata.end() && task->second == "forecast";
  if (data && !forecasts)
    throw SettingError(
        fmt::format("sample: {} has no task that makes inputs of a CSV file; leave it out for a sample of "
                    "standard normal numbers",
                    file));
  std::error_code none;
  if (forecasts && (data || std::filesystem::exists(own_data(run), none)))
    return on_forecasts(run, format, data, pool);
  WeightDrift result;
  result.seed = seed;
  result.outputs.add(exact.network, reduced.network, standard_normal(exact.network.inputs(), seed), pool);
  return result;
}

}  // namespace carousel
