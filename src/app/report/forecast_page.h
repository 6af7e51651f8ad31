// From what the forecast task knows of a run to the page about it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/report/report.h"
#include "carousel/progress.h"
#include "tasks/forecast_evaluation.h"
#include "tasks/forecast_prediction.h"
#include "tasks/forecast_settings.h"

namespace carousel::report {

struct ForecastPage {
  std::string run_name;
  ForecastSettings settings;
  ForecastEvaluation evaluation;        ///< of the test part
  std::vector<ProgressRecord> history;  ///< one record an epoch
  std::optional<ForecastTable> next;    ///< the steps after the end of the data
  std::vector<std::int64_t> end_times;  ///< of the last rows of the series that `next` begins with
  std::vector<double> end_values;       ///< the first target there
  std::map<std::string, std::string> model_metadata;
};

/// Pictures are of the first target; of several, the others have a table of scores each. The verdict is good
/// only where the model beats every baseline for every target, in RMSE and in MAE.
Report forecast_page(const ForecastPage& page);

}  // namespace carousel::report
