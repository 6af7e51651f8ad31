// Signals: one number a step, through a network of one input and one output.
#pragma once

#include <span>
#include <vector>

#include "model/network.h"

namespace carousel::lab {

/// What a network makes of a signal, from its first state on. Throws Error unless it is one of such signals.
std::vector<float> outputs_of(const Network<float>& network, std::span<const float> x, ThreadPool& pool);

}  // namespace carousel::lab
