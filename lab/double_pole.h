// Two poles on a cart, balanced by a network that does not see their velocities: Wieland 1991; as Gomez &
// Miikkulainen 1997 and, with LSTM, Wierstra, Gomez & Schmidhuber, GECCO 2005, have it.
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// A recurrent network of 4 units, by an evolution strategy of 64 members. Met: both poles stay up for 1,000
/// steps within 1,000 generations. sequences: episodes played until then, figure: steps of the last policy.
extern const Experiment kDoublePoleEvolutionStrategy;
/// The same network by a genetic algorithm of 100 members. Met: 100,000 steps within 300 generations.
extern const Experiment kDoublePoleGenetic;

}  // namespace carousel::lab
