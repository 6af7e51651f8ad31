// The charts of a detector's report. All are of the first target.
#pragma once

#include <vector>

#include "app/report/report.h"
#include "tasks/detect_evaluation.h"

namespace carousel::report {

/// The series with its windows marked, and the score with the threshold.
std::vector<Chart> time_charts(const DetectEvaluation& evaluation);

/// The windows with the highest scores and those that were not found, with a few rows around each.
std::vector<Chart> window_charts(const DetectEvaluation& evaluation);

/// How errors are distributed, and what they are over time.
std::vector<Chart> error_charts(const DetectEvaluation& evaluation);

}  // namespace carousel::report
