#include "app/cli/report_file.h"

#include <carousel/error.h>
#include <carousel/model.h>

#include <filesystem>

#include "app/report/forecast_page.h"
#include "base/file.h"
#include "tasks/forecast_prediction.h"
#include "tasks/settings_file.h"

namespace carousel::cli {

namespace {

/// What comes after the end of the data; nothing where known covariates do not reach that far.
std::optional<ForecastTable> next_steps(const RunFolder& folder, const std::string& data, ThreadPool& pool) {
  try {
    return predict_forecast(folder.path, data, pool);
  } catch (const DataError&) {
    return std::nullopt;
  }
}

}  // namespace

std::string report_path(const RunFolder& folder) { return folder.path + "/report.html"; }

void write_report(const RunFolder& folder, const ForecastEvaluation& evaluation, ThreadPool& pool) {
  report::ForecastPage page;
  page.run_name = std::filesystem::path(folder.path).lexically_normal().filename().string();
  if (page.run_name.empty()) page.run_name = folder.path;
  page.settings = read_settings(folder.settings());
  page.next = next_steps(folder, page.settings.data, pool);
  page.history = read_log(folder.path);
  page.model_metadata = Model::load(folder.model()).metadata();
  page.evaluation = evaluation;
  write_file(report_path(folder), render(forecast_page(page)));
}

}  // namespace carousel::cli
