// Tiny Shakespeare, letter by letter: 1,115,394 characters, the last tenth to validate (Karpathy 2015).
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// One layer of 256 units. figure: nats a character of the last tenth. Met: at most 1.60.
extern const Experiment kShakespeare;

}  // namespace carousel::lab
