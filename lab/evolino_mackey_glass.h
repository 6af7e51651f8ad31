// The Mackey-Glass series, 84 steps ahead: Schmidhuber, Wierstra, Gagliolo & Gomez, "Training Recurrent
// Networks by Evolino", Neural Computation 19, 2007. Without any input but its own last output, a network
// should go on with a chaotic series (mackey_glass.h, tau = 17).
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// A network of 30 cells, 200 generations of 40 networks: fit on 3,000 steps, the first 100 for washout,
/// judged by free runs of 84 steps from every 84th of them on, 200 steps of teacher forcing before each; then
/// tested on 100 series with other beginnings, 1,000 steps of teacher forcing and 84 free. figure: NRMSE_84,
/// the root of the mean squared error of the 84th steps over the series' variance; published 1.9e-3. Met: at
/// most 0.05.
extern const Experiment kEvolinoMackeyGlass;

}  // namespace carousel::lab
