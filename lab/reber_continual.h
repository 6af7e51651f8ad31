// The continual embedded Reber grammar: Gers, Schmidhuber & Cummins, Neural Computation 12, 2000. Strings
// come one after the other without a mark between them, and inside a stream nothing is reset: at each step
// the symbols that may come next should be the most active.
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// Four blocks of two cells, outputs that see the inputs too: 424 weights. Published: 18 % of networks are
/// perfect, 62 % with a learning rate that decays, none without forget gates. figure: symbols told in the
/// best test before the first error. Met: all of a test.
extern const Experiment kReberContinual;

}  // namespace carousel::lab
