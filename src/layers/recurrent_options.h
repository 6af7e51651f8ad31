// What a recurrent layer may be asked for beside its cell.
#pragma once

#include <string>

#include "layers/weight_noise.h"

namespace carousel {

struct RecurrentOptions {
  /// Rate of one mask a sequence on h_{t-1} where it enters products, the same at every step: Gal &
  /// Ghahramani, NIPS 2016.
  double variational_dropout = 0;
  /// Rates at which a unit's h or c stays what it was for a step; outside training the mean of both: Krueger
  /// et al., ICLR 2017.
  double zoneout_hidden = 0, zoneout_cell = 0;
  WeightNoise weights = {};
  bool learned_start = false;  ///< the state before the first step is a parameter

  bool zones() const noexcept { return zoneout_hidden > 0 || zoneout_cell > 0; }
};

/// Those that are not standard, for a layer's description: "" or ", zoneout_hidden=0.2, weight_noise=0.1".
/// Without learned_start, which LearnedStart says itself.
std::string to_text(const RecurrentOptions& options);

}  // namespace carousel
