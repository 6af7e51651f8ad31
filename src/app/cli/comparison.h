// How an evaluation stands: beside its baselines, without any, or that training has diverged.
#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

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

/// A model's problem where training has diverged. what: "its score is no finite number".
inline std::string diverged_problem(std::string_view model, std::string_view what) {
  return fmt::format("{}: {}: training has diverged; try a smaller --learning-rate or --clip-norm", model,
                     what);
}
/// The same as sentences. what: "The model's score is no finite number".
inline std::string diverged_text(std::string_view what) {
  return fmt::format("{}: training has diverged. A smaller --learning-rate or --clip-norm may help.", what);
}

}  // namespace carousel::cli
