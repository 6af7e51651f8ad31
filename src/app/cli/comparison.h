// How an evaluation stands beside its baselines, or says that it has none.
#pragma once

#include <nlohmann/json.hpp>

namespace carousel::cli {

inline constexpr const char* kNoBaselines =
    "Compared with no baseline: the data that it was trained on, which they learn from, are no longer there.";

/// null without baselines.
template <class Evaluation>
nlohmann::ordered_json beats_json(const Evaluation& evaluation) {
  if (evaluation.baselines.empty()) return nullptr;
  return evaluation.beats_baselines;
}

}  // namespace carousel::cli
