// An evaluation of a model of music in words, as a table and as JSON.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tasks/music_evaluation.h"

namespace carousel::cli {

/// A table of scores, the model beside its baselines, and a sentence that says which is better.
std::string evaluation_text(const MusicEvaluation& evaluation, std::size_t width, bool colours);

nlohmann::ordered_json evaluation_json(const MusicEvaluation& evaluation);

}  // namespace carousel::cli
