// RUN/report.html.
#pragma once

#include "base/thread_pool.h"
#include "tasks/forecast_evaluation.h"
#include "tasks/run_folder.h"

namespace carousel::cli {

/// Composes the page of a run and writes it whole or not at all. Throws as the parts it is made of.
void write_report(const RunFolder& folder, const ForecastEvaluation& evaluation, ThreadPool& pool);

}  // namespace carousel::cli
