// Outputs that tell which of n symbols comes next: a softmax, learned by cross-entropy. With the squared
// error of logistic units, as in 1997, cells that see an error at every step first learn to be biases for all
// outputs and drift away; a softmax does not see what all outputs have in common.
#pragma once

#include <cstddef>
#include <span>

namespace carousel::lab {

/// From sums [n] to dy [n]: softmax(sums), less 1 at `next`.
void next_symbol_errors(std::span<const double> sums, std::size_t next, std::span<double> dy);

}  // namespace carousel::lab
