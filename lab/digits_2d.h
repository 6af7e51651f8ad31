// Handwritten digits (MNIST): row by row, and by an LSTM of two dimensions (Graves, Fernandez & Schmidhuber
// 2007).
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// A bidirectional LSTM over 28 rows. figure: share of the test part told right. Met: at least 98.7 %.
Outcome run_digits_by_rows(const Context& context, std::uint64_t seed);
/// A four-directional md_lstm over 14 x 14 windows. Met: at least 97 %.
Outcome run_digits_md_lstm(const Context& context, std::uint64_t seed);

}  // namespace carousel::lab
