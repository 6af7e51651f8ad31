#include "tasks/normal_tail.h"

#include <numbers>

#include "kernels/activations.h"
#include "tasks/normal_quantile.h"

namespace carousel {
namespace {

double log_of(double value) noexcept {
  double result = 0;
  kernels::log(&value, &result, 1);
  return result;
}

}  // namespace

double normal_tail_score(double z) noexcept {
  constexpr double kLow = -8, kHigh = 4;
  if (z <= kLow) return 0;
  double density = 0;
  if (z < kHigh) return -std::numbers::log10e * log_of(1 - normal_probability(z, density));
  // Laplace's continued fraction: tail = density / (z + 1 / (z + 2 / (z + 3 / ...))) (Abramowitz and Stegun,
  // 26.2.14); from 4 on so many terms are far beyond what a double holds.
  double fraction = z;
  for (int n = 60; n >= 1; --n) fraction = z + n / fraction;
  const double log_density = -0.5 * z * z + log_of(std::numbers::inv_sqrtpi / std::numbers::sqrt2);
  return std::numbers::log10e * (log_of(fraction) - log_density);
}

}  // namespace carousel
