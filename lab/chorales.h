// JSB chorales, a piano roll each, told step by step (Boulanger-Lewandowski, Bengio & Vincent, ICML 2012;
// with gated units Chung, Gulcehre, Cho & Bengio 2014).
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// figure: negative log-likelihood a step of the test part, in nats. Met: at most 8.60.
extern const Experiment kChoralesLstm;
extern const Experiment kChoralesGru;

}  // namespace carousel::lab
