// Bad examples that an evaluation went on without.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/bad_examples.h"

namespace carousel::cli {

/// "2 bad examples left out.", a line; nothing of none.
std::string left_out_text(const std::vector<BadExample>& bad, std::size_t width);
/// Their names and what is wrong with each.
nlohmann::ordered_json left_out_json(const std::vector<BadExample>& bad);

}  // namespace carousel::cli
