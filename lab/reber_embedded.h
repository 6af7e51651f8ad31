// The embedded Reber grammar: Hochreiter & Schmidhuber, Neural Computation 9, 1997, experiment 1. At each
// step the next symbol of a string is to be told; 256 strings to learn from, in random order, and 256 others.
// Solved when, for each string of both and each of its steps, the symbols that may come next are the most
// active.
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// Three blocks of two cells, 276 weights. Published: 8,440 sequences on average where it succeeds, learning
/// rate 0.5. figure: sequences until solved. Met: solved within 24,100 sequences.
extern const Experiment kReberEmbedded, kReberEmbeddedTruncated;

}  // namespace carousel::lab
