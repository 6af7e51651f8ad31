// First values of weights as the papers of 1997 and 2000 choose them.
#pragma once

#include <cstdint>
#include <vector>

#include "model/network.h"
#include "training/online/truncated_layout.h"

namespace carousel::lab {

struct FirstWeights {
  double range = 0.2;  ///< all weights: uniform in +-range
  /// Biases of gates, of the first, second, ... block; those of other blocks stay as drawn.
  std::vector<double> input = {}, forget = {}, output = {};
};

/// Of a network that truncated_shape() knows, whose gates have biases where some are given.
void set_first_weights(Network<double>& network, const FirstWeights& first, std::uint64_t seed);

}  // namespace carousel::lab
