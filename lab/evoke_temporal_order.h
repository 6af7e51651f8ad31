// Evoke: Evolino with a support vector machine for its readout (Schmidhuber, Gagliolo, Wierstra & Gomez,
// "Evolino for Recurrent Support Vector Machines", ESANN 2006), on temporal order, experiment 6a of
// Hochreiter & Schmidhuber, Neural Computation 9, 1997. A sequence has 100 to 110 symbols: E first, B last, X
// or Y at two places, one among the 10th to 20th, one among the 50th to 60th, a, b, c or d elsewhere. At its
// end the order of the X and Y should be told: four classes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lab/experiment.h"
#include "training/evolino/svm_readout.h"

namespace carousel::lab {

/// So many sequences, inputs a b c d X Y E B; classes XX, XY, YX, YY. Each is a function of (seed, its
/// number).
ClassedSequences<double> temporal_orders(std::size_t count, std::uint64_t seed);

/// figure: wrong of 2,560 new sequences. Met: at most 3, as of the networks of 1997. Nothing is published of
/// Evoke here.
extern const Experiment kEvokeTemporalOrder;

}  // namespace carousel::lab
