#include "lab/next_symbol.h"

#include <algorithm>

#include "kernels/activations.h"

namespace carousel::lab {

void next_symbol_errors(std::span<const double> sums, std::size_t next, std::span<double> dy) {
  const double largest = std::ranges::max(sums);
  for (std::size_t k = 0; k < sums.size(); ++k) dy[k] = sums[k] - largest;
  kernels::exp(dy.data(), dy.data(), dy.size());
  double total = 0;
  for (const double value : dy) total += value;
  for (double& value : dy) value /= total;
  dy[next] -= 1;
}

}  // namespace carousel::lab
