// Spoken digits: 3,000 recordings of six speakers, of which numbers 0 to 4 of each digit and speaker are the
// test (free spoken digit dataset). Told one by one, and read from strings of three to seven of them by CTC
// (Graves, Fernandez, Gomez & Schmidhuber, ICML 2006) and by a transducer (Graves 2012).
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// figure: share of the test part told right. Met: at least 97 %.
extern const Experiment kSpokenDigits;
/// Strings, by CTC. figure: share of labels wrong. Met: at most 4 %.
extern const Experiment kSpokenDigitsCtc;
/// The network of CTC spots two digits in the strings of the test part. figure: the lower of their F1. Met:
/// at least 0.95.
extern const Experiment kSpokenDigitsKeywords;
/// Strings, by a transducer whose encoder begins as what CTC has learned with the same seed. figure: share of
/// labels wrong. Met: at most a point more than CTC.
extern const Experiment kSpokenDigitsTransducer;

}  // namespace carousel::lab
