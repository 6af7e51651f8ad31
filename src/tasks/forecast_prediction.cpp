#include "tasks/forecast_prediction.h"

#include <carousel/error.h>

#include <algorithm>
#include <utility>

#include "tasks/forecast_data.h"
#include "tasks/forecaster.h"
#include "tasks/target_log.h"

namespace carousel {
namespace {

ForecastTable head_of(const ForecastCoding& coding) {
  ForecastTable table;
  table.has_time = static_cast<bool>(coding.frequency);
  table.id_name = coding.settings.id.value_or("");
  table.time_name = coding.settings.time.value_or("");
  table.levels = coding.levels();
  return table;
}

/// The forecast from row `origin` of a series as rows; `times` gives the time stamps.
void append_rows(const ForecastCoding& coding, const SeriesSet& times, std::size_t series, std::size_t origin,
                 std::size_t b, const Forecasts& forecasts, std::vector<ForecastRow>& rows) {
  for (std::size_t j = 0; j < forecasts.horizon; ++j)
    for (std::size_t k = 0; k < forecasts.targets; ++k) {
      const std::size_t i = forecasts.index(b, j, k);
      const auto row = static_cast<std::int64_t>(origin + 1 + j);
      const std::span<const double> quantiles = forecasts.quantiles_at(i);
      rows.push_back({times.series[series].id,
                      j + 1,
                      times.frequency ? times.time(series, row) : row,
                      coding.settings.targets[k],
                      forecasts.point[i],
                      {quantiles.begin(), quantiles.end()}});
    }
}

}  // namespace

ForecastTable predict_forecast(const std::string& run, const std::string& path, ThreadPool& pool,
                               std::optional<WeightFormat> weights) {
  const ForecastModel model = load_forecast_model(run, weights);
  const std::unique_ptr<ForecastData> data = read_known_data(model.coding, path);
  const Forecaster forecaster(model.coding, model.network, *data->windows, pool);
  ForecastTable table = head_of(model.coding);
  const std::size_t count = data->set.series.size();
  for (std::size_t begin = 0; begin < count; begin += Forecaster::kChunk) {
    std::vector<Window> windows;
    for (std::size_t s = begin; s < std::min(begin + Forecaster::kChunk, count); ++s)
      windows.push_back(data->windows->last_window(s, model.coding.settings.horizon));
    const Forecasts forecasts = forecaster.run(windows);
    for (std::size_t b = 0; b < windows.size(); ++b)
      append_rows(model.coding, data->set, windows[b].series, windows[b].origin, b, forecasts, table.rows);
  }
  return table;
}

struct ForecastStream::Body {
  ForecastModel model;
  ForecastTable head;
  SeriesStream stream;
  ThreadPool& pool;

  Body(ForecastModel from, const std::string& path, ThreadPool& threads)
      : model(std::move(from)),
        head(head_of(model.coding)),
        stream(open(model.coding, path)),
        pool(threads) {}

  static SeriesStream open(const ForecastCoding& coding, const std::string& path) {
    if (!coding.settings.known.empty())
      throw SettingError(
          "the model needs known covariates of the steps ahead, which a stream of rows does not bring; "
          "predict from a "
          "file that has them");
    CsvOptions options;
    options.stream = true;
    options.date_order = coding.settings.date_order;
    return SeriesStream(CsvReader(path, options), coding.request(), coding.frequency);
  }

  /// The last rows of a series, as many as a forecast may look at, as a set of their own.
  SeriesSet tail(std::size_t number, std::size_t& first) const {
    const std::size_t needed = *model.coding.settings.context + model.coding.reach();
    SeriesSet set = last_rows(stream.set(), number, needed);
    first = stream.set().series[number].length - set.series[0].length;
    model.coding.take_logs(set);
    return set;
  }
};

ForecastStream::ForecastStream(const std::string& run, const std::string& data, ThreadPool& pool,
                               std::optional<WeightFormat> weights)
    : body_(std::make_unique<Body>(load_forecast_model(run, weights), data, pool)) {}
ForecastStream::~ForecastStream() = default;
ForecastStream::ForecastStream(ForecastStream&&) noexcept = default;

const ForecastTable& ForecastStream::head() const noexcept { return body_->head; }

std::optional<std::vector<ForecastRow>> ForecastStream::next() {
  const std::optional<std::size_t> number = body_->stream.next();
  if (!number) return std::nullopt;
  const ForecastCoding& coding = body_->model.coding;
  std::size_t first = 0;
  SeriesSet set = body_->tail(*number, first);
  std::vector<std::vector<float>> statics = coding.statics_for(set);
  const std::size_t length = set.series[0].length, context = std::min(length, *coding.settings.context);
  const Windows windows(set, {coding.scalers_of(set.series[0], {length - context, length})},
                        coding.window_settings(), std::move(statics));
  const Forecaster forecaster(coding, body_->model.network, windows, body_->pool);
  const Window last = windows.last_window(0, coding.settings.horizon);
  std::vector<ForecastRow> rows;
  append_rows(coding, body_->stream.set(), *number, first + last.origin, 0, forecaster.run({&last, 1}), rows);
  return rows;
}

}  // namespace carousel
