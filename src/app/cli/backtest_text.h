// What rolling origins showed, as text and as JSON.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "tasks/forecast_evaluation.h"

namespace carousel::cli {

/// A table with a row an origin and one with a row a step ahead, the model beside the baselines; empty
/// without rolling origins.
std::string backtest_text(const ForecastEvaluation& evaluation, const TargetEvaluation& target,
                          std::size_t width, bool colours);

/// All metrics of each origin, of the model and of each baseline.
nlohmann::ordered_json origins_json(const ForecastEvaluation& evaluation, const TargetEvaluation& target);

/// All metrics of each step ahead, of the model and of each baseline.
nlohmann::ordered_json steps_json(const TargetEvaluation& target);

}  // namespace carousel::cli
