// An evaluation of a policy in words, as a table and as JSON.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tasks/control_evaluation.h"

namespace carousel::cli {

/// A table of scores, the model beside its baselines, and a sentence that says which is better.
std::string evaluation_text(const ControlEvaluation& evaluation, std::size_t width, bool colours);

nlohmann::ordered_json evaluation_json(const ControlEvaluation& evaluation);

}  // namespace carousel::cli
