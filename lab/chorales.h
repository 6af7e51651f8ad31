// JSB chorales, a piano roll each, told step by step (Boulanger-Lewandowski, Bengio & Vincent, ICML 2012;
// with gated units Chung, Gulcehre, Cho & Bengio 2014; with variants of the LSTM Greff, Srivastava, Koutnik,
// Steunebrink & Schmidhuber 2015).
#pragma once

#include <array>
#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// figure: negative log-likelihood a step of the test part, in nats. Met: at most 8.60.
extern const Experiment kChoralesLstm;
extern const Experiment kChoralesGru;
/// The eight variants of the peephole LSTM that Greff et al. compare, by name. Met: below 9.6.
extern const std::array<Experiment, 8> kChoralesVariants;

}  // namespace carousel::lab
