// Secondary structure of proteins, residue by residue: 111 chains to learn from, 17 to test (Qian & Sejnowski
// 1988).
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// figure: Q3, the share of residues told right. Met: at least 62 %.
extern const Experiment kProtein;

}  // namespace carousel::lab
