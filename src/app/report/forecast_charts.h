// The charts of a forecast report.
#pragma once

#include <string>
#include <vector>

#include "app/report/forecast_report.h"

namespace carousel::report {

/// "passengers (thousands)", or the name alone.
std::string target_title(const ForecastRun& run);
Axis time_axis(const ForecastRun& run);

/// History, truth and forecast with its intervals. `mark_origin` labels the place where the forecast starts.
Chart forecast_chart(const ForecastRun& run, const Forecast& forecast, bool mark_origin);

Chart step_error_chart(const ForecastRun& run);

Chart origin_error_chart(const ForecastRun& run);

std::vector<Chart> residual_charts(const ForecastRun& run);

/// Loss, and the learning rate where one was taken.
std::vector<Chart> training_charts(const ForecastRun& run);

std::vector<Chart> gate_charts(const ForecastRun& run, const GateActivity& gates);

}  // namespace carousel::report
