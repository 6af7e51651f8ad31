// An evaluation in words, as a table and as JSON.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tasks/forecast_evaluation.h"

namespace carousel::cli {

/// For each target a table of metrics, the model beside its baselines, and a sentence that says which is
/// better.
std::string evaluation_text(const ForecastEvaluation& evaluation, std::size_t width, bool colours);

/// Every metric by its name; NaN becomes null.
nlohmann::ordered_json metrics_json(const ForecastMetrics& metrics);

nlohmann::ordered_json evaluation_json(const ForecastEvaluation& evaluation);

}  // namespace carousel::cli
