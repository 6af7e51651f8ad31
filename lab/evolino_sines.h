// Multiple superimposed sines: Schmidhuber, Wierstra, Gagliolo & Gomez, "Training Recurrent Networks by
// Evolino", Neural Computation 19, 2007. The sum of two to five sines whose frequencies have no common
// multiple in sight; without any input but its own last output, a network should go on with it. Echo state
// networks could not (Jaeger 2004).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lab/experiment.h"

namespace carousel::lab {

/// sin(0.2 t) + sin(0.311 t), + sin(0.42 t), + sin(0.51 t), + sin(0.74 t) at t = 1, 2, ..., `steps`. sines: 2
/// to 5.
std::vector<double> superimposed_sines(std::size_t sines, std::size_t steps);

/// A network of 10 cells (4 sines: 15, 5 sines: 20), 50 generations of 40 networks, fit and judged on steps
/// 101 to 400, then free on steps 401 to 700. figure: the normalised mean squared error there; published are
/// means of 20 runs. Met: at most
///
///     sines       2         3         4        5
///     gate        1e-2      5e-2      0.11     0.166
///     published   4.15e-3   8.04e-3   0.11     0.166
Outcome run_evolino_sines(const Context& context, std::uint64_t seed, std::size_t sines);

extern const Experiment kEvolinoSines2, kEvolinoSines3, kEvolinoSines5;

}  // namespace carousel::lab
