// Two handwritten digits that bounce about: from ten frames of such a film the next ten are told (Srivastava,
// Mansimov & Salakhutdinov, ICML 2015; by convolutional LSTMs Shi et al., NIPS 2015). Frames are of 32 x 32
// pixels in place of 64 x 64, and one network reads and tells: after the first ten frames it is shown
// nothing.
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// A conv_lstm beside an lstm of no fewer parameters, five minutes of learning each. figure: cross-entropy of
/// the first on films of other digits, over that of the second. Met: at most 0.85.
extern const Experiment kMovingDigits;

}  // namespace carousel::lab
