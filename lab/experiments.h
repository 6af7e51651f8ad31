// All experiments of the lab: what the literature claims, and what runs it again.
#pragma once

#include <span>
#include <string_view>

#include "lab/experiment.h"

namespace carousel::lab {

/// By name.
std::span<const Experiment* const> experiments();
/// Throws SettingError with the nearest name.
const Experiment& experiment(std::string_view name);

}  // namespace carousel::lab
