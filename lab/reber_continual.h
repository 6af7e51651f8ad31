// The continual embedded Reber grammar: Gers, Schmidhuber & Cummins, Neural Computation 12, 2000. Strings
// come one after the other without a mark between them, and nothing is ever reset: at each step the symbols
// that may come next should be the most active.
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

struct ReberContinual {
  bool forget_gates = true;  ///< false: lstm_1997's cells
  /// Of the cross-entropy (lab/next_symbol.h); times `decay` from a string to the next.
  double learning_rate = 0.1;
  double decay = 0.9999;
  std::size_t most_strings = 60'000;
  std::size_t strings_a_test = 3000;     ///< learned from between tests
  std::size_t test_symbols = 1'000'000;  ///< to be told without error
};

/// Four blocks of two cells, outputs that see the inputs too: 424 weights. Published: 18 % of networks are
/// perfect, 62 % with a learning rate that decays, none without forget gates. figure: symbols told in the
/// best test before the first error. Met: all of a test.
Outcome run_reber_continual(const Context& context, std::uint64_t seed, const ReberContinual& settings = {});

}  // namespace carousel::lab
