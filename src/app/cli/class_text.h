// An evaluation of classes in words, as a table and as JSON.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tasks/class_evaluation.h"

namespace carousel::cli {

/// A table of scores, the model beside its baselines, a sentence that says which is better, and what was most
/// often taken for what.
std::string evaluation_text(const ClassEvaluation& evaluation, std::size_t width, bool colours);

nlohmann::ordered_json evaluation_json(const ClassEvaluation& evaluation);

}  // namespace carousel::cli
