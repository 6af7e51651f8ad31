// RUN/report.html.
#pragma once

#include <string>

#include "base/thread_pool.h"
#include "tasks/forecast.h"
#include "tasks/forecast_evaluation.h"

namespace carousel::cli {

std::string report_path(const RunFolder& folder);

/// Composes the page of a run and writes it whole or not at all. Throws as the parts it is made of.
void write_report(const RunFolder& folder, const ForecastEvaluation& evaluation, ThreadPool& pool);

}  // namespace carousel::cli
