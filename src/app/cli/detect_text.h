// An evaluation of a detector in words, as tables and as JSON; and its rows as `predict` writes them.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tasks/detect_evaluation.h"
#include "tasks/detect_prediction.h"

namespace carousel::cli {

/// The windows found; beside them, where there are labels, hits and false alarms of model and baseline; the
/// forecast error.
std::string evaluation_text(const DetectEvaluation& evaluation, std::size_t width, bool colours);

nlohmann::ordered_json evaluation_json(const DetectEvaluation& evaluation);

/// "time,load,load expected,error,score,anomaly"
std::string rows_header(const DetectedTable& head);
/// A line a row: CSV, or a JSON object. What is not known is empty, or null.
std::string rows_text(const DetectedTable& head, const std::vector<DetectedRow>& rows, bool json);

}  // namespace carousel::cli
