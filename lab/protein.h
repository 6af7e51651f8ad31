// Secondary structure of proteins, residue by residue: 111 chains to learn from, 17 to test (Qian & Sejnowski
// 1988).
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// figure: Q3, the share of residues told right. Met: at least 62 %.
Outcome run_protein(const Context& context, std::uint64_t seed);

}  // namespace carousel::lab
