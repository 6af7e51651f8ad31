// An evaluation of transcripts in words, as a table and as JSON.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tasks/transcribe_evaluation.h"

namespace carousel::cli {

/// A table of error rates, the model beside its baselines, a sentence that says which is better, some of what
/// was read, and keywords.
std::string evaluation_text(const TranscribeEvaluation& evaluation, std::size_t width, bool colours);

nlohmann::ordered_json evaluation_json(const TranscribeEvaluation& evaluation);

}  // namespace carousel::cli
