// How an evaluation stands beside its baselines, or says that it has none.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace carousel::cli {

template <class Evaluation>
std::string no_baselines_text(const Evaluation& evaluation) {
  return "Compared with no baseline: " + evaluation.no_baselines + '.';
}

/// null without baselines.
template <class Evaluation>
nlohmann::ordered_json beats_json(const Evaluation& evaluation) {
  if (evaluation.baselines.empty()) return nullptr;
  return evaluation.beats_baselines;
}

}  // namespace carousel::cli
