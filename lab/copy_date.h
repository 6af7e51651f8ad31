// Written dates to ISO dates, generated: a task for attention (Bahdanau, Cho & Bengio, ICLR 2015). A date of
// 1950 to 2049 is written in one of six ways, such as "Tuesday, 3 May 1988"; the answer is "1988-05-03".
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// An encoder-decoder with additive attention, 12,000 dates to learn from. figure: share of 1,000 other dates
/// told exactly. Met: at least 99.5 %.
extern const Experiment kCopyDate;

}  // namespace carousel::lab
