#include "app/cli/report_file.h"

#include <carousel/error.h>
#include <carousel/model.h>

#include <algorithm>
#include <filesystem>

#include "app/report/forecast_page.h"
#include "base/file.h"
#include "data/csv.h"
#include "data/series.h"
#include "tasks/forecast.h"
#include "tasks/forecast_prediction.h"
#include "tasks/settings_file.h"

namespace carousel::cli {

namespace {

constexpr std::size_t kLeastShown = 48;  // rows before a forecast, where the context is shorter

/// The rows before the forecast, of the series that it begins with.
void add_end_of_data(report::ForecastPage& page) {
  if (!page.next || page.next->rows.empty() || page.evaluation.targets.empty()) return;
  const ForecastSettings& settings = page.settings;
  CsvOptions options;
  options.date_order = settings.date_order;
  CsvReader reader(settings.data, options);
  SeriesRequest request;
  request.targets = {page.evaluation.targets.front().target};
  request.id = settings.id;
  request.time = settings.time;
  request.missing = Missing::mask;
  request.form = settings.form;
  if (!settings.static_data) request.statics = settings.statics;
  const SeriesSet set = read_series(reader, request);
  const auto series = std::ranges::find(set.series, page.next->rows.front().series, &Series::id);
  if (series == set.series.end()) return;
  const auto number = static_cast<std::size_t>(series - set.series.begin());
  const std::size_t shown = std::min(series->length, std::max(settings.context.value_or(0), kLeastShown));
  for (std::size_t row = series->length - shown; row < series->length; ++row) {
    const auto position = static_cast<std::int64_t>(row);
    page.end_times.push_back(set.frequency ? set.time(number, position) : position);
    page.end_values.push_back(series->columns.front()[row]);
  }
}

/// What comes after the end of the data; nothing where known covariates do not reach that far.
std::optional<ForecastTable> next_steps(const RunFolder& folder, const std::string& data, ThreadPool& pool) {
  try {
    return predict_forecast(folder.path, data, pool);
  } catch (const DataError&) {
    return std::nullopt;
  }
}

}  // namespace

void write_report(const RunFolder& folder, const ForecastEvaluation& evaluation, ThreadPool& pool) {
  report::ForecastPage page;
  page.run_name = std::filesystem::path(folder.path).lexically_normal().filename().string();
  if (page.run_name.empty()) page.run_name = folder.path;
  page.settings = read_settings<ForecastSettings>(folder.settings());
  page.next = next_steps(folder, page.settings.data, pool);
  page.history = read_log(folder.path);
  page.model_metadata = Model::load(folder.model()).metadata();
  page.evaluation = evaluation;
  add_end_of_data(page);
  write_file(folder.report(), render(forecast_page(page)));
}

}  // namespace carousel::cli
