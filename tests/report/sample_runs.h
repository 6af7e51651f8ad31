// Runs for the report's tests: data of a plausible shape, made up, the same at every call.
#pragma once

#include "app/report/forecast_report.h"

namespace carousel::report {

/// Monthly passengers with every part of the report present; the model beats its baselines.
ForecastRun full_run();

/// Hourly values without intervals, history, gates or time stamps; the model loses against a baseline.
ForecastRun bare_run();

/// A full run in which every string that can come from a user's file tries to break out of the page.
ForecastRun hostile_run();

/// Two years of a value every five minutes, residuals at 24 steps, two wide layers: the size of a real large
/// run.
ForecastRun large_run();

}  // namespace carousel::report
