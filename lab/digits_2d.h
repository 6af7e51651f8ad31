// Handwritten digits (MNIST): row by row, by an LSTM of two dimensions (Graves, Fernandez & Schmidhuber
// 2007), and strings of them read by CTC (Graves, Fernandez, Gomez & Schmidhuber 2006).
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// A bidirectional LSTM over 28 rows. figure: share of the test part told right. Met: at least 98.7 %.
extern const Experiment kDigitsByRows;
/// A four-directional md_lstm over 14 x 14 windows. Met: at least 97 %.
extern const Experiment kDigitsMdLstm;
/// Three to seven digits, one under the other, row by row. figure: share of labels wrong. Met: at most 3 %.
extern const Experiment kDigitsCtc;

}  // namespace carousel::lab
