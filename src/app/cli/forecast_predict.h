// carousel predict of a forecast: as CSV, or one JSON object a line.
#pragma once

#include "app/cli/task.h"

namespace carousel::cli {

/// From the end of a CSV file, or after each row of standard input. Throws as ForecastStream.
void predict_forecasts(const PredictRequest& request, const WriteText& write, ThreadPool& pool);

}  // namespace carousel::cli
