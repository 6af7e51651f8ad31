// An activation as text: "tanh", or with its parameters "hard_sigmoid:0.2:0.5". to_text() is
// in kernels/activation_kinds.h.
#pragma once

#include <span>
#include <string>

#include "kernels/activation_kinds.h"

namespace carousel {

/// parts: what stands between the colons, at least one. Returns what is wrong with them, and what would work;
/// empty if all is well.
std::string parse_activation(std::span<const std::string> parts, kernels::Activation& activation);

}  // namespace carousel
