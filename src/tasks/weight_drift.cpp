#include "tasks/weight_drift.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/random.h"
#include "model/builder.h"
#include "tasks/forecast_data.h"
#include "tasks/forecast_evaluation.h"
#include "tasks/forecaster.h"
#include "tasks/normal_quantile.h"
#include "tasks/run_folder.h"

namespace carousel {

namespace {

constexpr std::size_t kRandomSequences = 16, kRandomSteps = 64;

/// Standard normal numbers, or numbers of symbols.
Sequences<float> random_sample(std::size_t features, std::size_t symbols, std::uint64_t seed) {
  Sequences<float> x(std::vector<std::size_t>(kRandomSequences, kRandomSteps), features);
  const Random random(seed, 0);
  const std::span<float> values = x.values();
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = symbols > 0 ? static_cast<float>(random.below(i, symbols))
                            : static_cast<float>(normal_quantile(random.uniform(i) + 0x1p-33));
  return x;
}

/// The same network with its weights in another format.
Network<float> packed(const Network<float>& network, WeightFormat format) {
  return Network<float>::filled(network.spec(), network.inputs(), {format, false},
                                [&](const ParameterTable&, std::span<float> weights) {
                                  std::ranges::copy(network.weights(), weights.begin());
                                });
}

/// The windows that the model is judged on.
void add_windows(const ForecastModel& exact, const ForecastModel& reduced, const ForecastData& data,
                 ThreadPool& pool, Drift& drift) {
  const RelativeInputs inputs = exact.coding.inputs(*data.windows);
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

WeightDrift on_forecasts(const ForecastModel& exact, const ForecastModel& reduced,
                         const std::optional<std::string>& data, ThreadPool& pool) {
  const ForecastEvaluation before = evaluate_forecast(exact, data, pool),
                           after = evaluate_forecast(reduced, data, pool);
  WeightDrift result;
  result.data = before.data;
  result.test_part = before.test_part;
  for (std::size_t k = 0; k < before.targets.size(); ++k)
    result.scores.push_back(
        {before.targets[k].target, before.targets[k].model.metrics, after.targets[k].model.metrics});
  const auto read = data ? read_other_data(exact.coding, *data) : read_own_data(exact.coding);
  add_windows(exact, reduced, *read, pool, result.outputs);
  return result;
}

WeightDrift on_random_sample(const Network<float>& exact, const Network<float>& reduced, std::uint64_t seed,
                             ThreadPool& pool) {
  WeightDrift result;
  result.symbols = symbols_read(exact.spec());
  result.seed = seed;
  result.outputs.add(exact, reduced, random_sample(exact.inputs(), result.symbols, seed), pool);
  return result;
}

}  // namespace

ReducedModel reduce_weights(const std::string& run, WeightFormat format,
                            const std::optional<std::string>& data, std::uint64_t seed, ThreadPool& pool) {
  const std::string file = model_file(run);
  LoadedModel<float> loaded = load_model<float>(file);
  if (const WeightFormat kept = loaded.network.packing().weights; kept != WeightFormat::float32)
    throw ModelError(
        fmt::format("{}: already keeps its weights as {}; convert the model in float32 that it was made from",
                    file, name(kept)));
  Metadata metadata = loaded.metadata;
  if (!is_forecast(metadata)) {
    if (data)
      throw SettingError(fmt::format(
          "sample: {} has no task that makes inputs of a CSV file; leave it out for a random sample", file));
    Network<float> reduced = packed(loaded.network, format);
    const WeightDrift drift = on_random_sample(loaded.network, reduced, seed, pool);
    return {{std::move(reduced), std::move(metadata)}, {}, drift};
  }
  ForecastModel exact = forecast_model(std::move(loaded), file);
  find_own_data(run, exact.coding);
  ForecastModel reduced{exact.coding, packed(exact.network, format), {}};
  std::error_code none;
  const bool has_data = data || std::filesystem::exists(exact.coding.settings.data, none);
  const WeightDrift drift = has_data ? on_forecasts(exact, reduced, data, pool)
                                     : on_random_sample(exact.network, reduced.network, seed, pool);
  return {{std::move(reduced.network), std::move(metadata)}, exact.coding.settings.data, drift};
}

}  // namespace carousel
