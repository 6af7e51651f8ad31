#include "tasks/forecast_pictures.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

namespace carousel {
namespace {

constexpr std::size_t kSamples = 6;
/// Steps that the picture of the whole test part shows at most.
constexpr std::size_t kMostSteps = 2000;

void append_forecast(const ForecastModel& model, const ForecastData& data, const Window& window,
                     std::size_t b, const Forecasts& forecasts, ForecastSample& sample) {
  sample.quantiles.resize(forecasts.levels);
  for (std::size_t j = 0; j < forecasts.horizon; ++j) {
    const std::size_t row = window.origin + 1 + j, i = forecasts.index(b, j, 0);
    sample.times.push_back(time_of(data.set, window.series, row));
    sample.truth.push_back(original_value(model.coding, data, window.series, 0, row));
    sample.forecast.push_back(forecasts.point[i]);
    for (std::size_t q = 0; q < forecasts.levels; ++q)
      sample.quantiles[q].push_back(forecasts.quantiles_at(i)[q]);
  }
}

ForecastSample start_sample(const ForecastData& data, std::size_t series) {
  ForecastSample sample;
  sample.series = data.set.series[series].id;
  sample.target = data.set.names[0];
  return sample;
}

void append_history(const ForecastModel& model, const ForecastData& data, const Window& window,
                    ForecastSample& sample) {
  const std::size_t length = std::min(window.origin + 1, *model.coding.settings.context);
  for (std::size_t row = window.origin + 1 - length; row <= window.origin; ++row) {
    sample.history_times.push_back(time_of(data.set, window.series, row));
    sample.history.push_back(original_value(model.coding, data, window.series, 0, row));
  }
}

/// Windows of the first series of the list, one horizon apart.
std::vector<Window> neighbours(const WindowList& list, std::size_t horizon) {
  std::vector<Window> windows;
  for (std::size_t n = 0; n < list.size() && windows.size() * horizon < kMostSteps; n += horizon) {
    const Window window = list[n];
    if (window.series != list[0].series) break;
    windows.push_back(window);
  }
  return windows;
}

}  // namespace

double original_value(const ForecastCoding& coding, const ForecastData& data, std::size_t series,
                      std::size_t k, std::size_t row) {
  // The columns are not scaled, but went through the logarithm.
  return coding.original(data.set.series[series].columns[k][row], Scaler{}, k);
}

std::int64_t time_of(const SeriesSet& set, std::size_t series, std::size_t row) {
  const auto signed_row = static_cast<std::int64_t>(row);
  return set.frequency ? set.time(series, signed_row) : signed_row;
}

void require_test_windows(const ForecastCoding& coding, const ForecastData& data, const WindowList& list) {
  if (list.size() > 0) return;
  throw DataError(fmt::format(
      "{}: found no place to forecast {} steps from and compare with what came, expected a test part (split "
      "{}) or a file with a series of at least {} + {} rows (context + horizon)",
      data.set.source, coding.settings.horizon, to_string(*coding.settings.split), *coding.settings.context,
      coding.settings.horizon));
}

void draw_samples(const ForecastModel& model, const ForecastData& data, const Forecaster& forecaster,
                  const WindowList& list, ForecastEvaluation& out) {
  std::vector<Window> windows;
  for (const std::size_t number : list.spread(kSamples)) windows.push_back(list[number]);
  const Forecasts forecasts = forecaster.run(windows);
  for (std::size_t b = 0; b < windows.size(); ++b) {
    ForecastSample sample = start_sample(data, windows[b].series);
    append_history(model, data, windows[b], sample);
    append_forecast(model, data, windows[b], b, forecasts, sample);
    out.samples.push_back(std::move(sample));
  }
  const std::vector<Window> row = neighbours(list, forecasts.horizon);
  const Forecasts in_row = forecaster.run(row);
  out.end_to_end = start_sample(data, row.front().series);
  append_history(model, data, row.front(), out.end_to_end);
  for (std::size_t b = 0; b < row.size(); ++b)
    append_forecast(model, data, row[b], b, in_row, out.end_to_end);
}

void record_gates(const ForecastModel& model, const ForecastData& data, const WindowList& list,
                  ThreadPool& pool, ForecastEvaluation& out) {
  const Window window = list[0];
  Sequences<float> x, y;
  model.coding.inputs(*data.windows).gather({&window, 1}, x);
  Tensor<float> state = model.network.start(1);
  const std::unique_ptr<Trace<float>> trace = model.network.make_trace();
  Pass pass;
  pass.pool = &pool;
  pass.record = true;
  model.network.forward(pass, x, state.matrix(), y, *trace);
  const std::size_t length = x.layout().length(0);
  for (std::size_t t = 0; t < length; ++t) {
    out.recorded_times.push_back(time_of(data.set, window.series, window.origin + 1 - length + t));
    out.recorded_input.push_back(static_cast<double>(x.at(0, t)[0]));
  }
  for (const Recording<float>& recording : model.network.recordings(*trace)) {
    const std::size_t dot = recording.name.rfind('.');
    GateRecording gate{
        recording.name.substr(0, dot), recording.name.substr(dot + 1), recording.values.columns(), {}};
    for (std::size_t unit = 0; unit < gate.units; ++unit)
      for (std::size_t t = 0; t < length; ++t)
        gate.values.push_back(static_cast<double>(recording.values(t, unit)));
    out.recordings.push_back(std::move(gate));
  }
}

}  // namespace carousel
