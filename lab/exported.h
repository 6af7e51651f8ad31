// LSTM and GRU networks that other tools have written (Keras, PyTorch), with what those tools' own networks
// put out: the tests of RTNeural (Chowdhury 2021).
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// Six networks in float. figure: the largest difference of an output from the reference. Met: at most 1e-6.
extern const Experiment kExported;

}  // namespace carousel::lab
