#include "tasks/normal_quantile.h"

#include <numbers>

#include "kernels/activations.h"

namespace carousel {

/// By the series  1/2 + density(x) (x + x^3 / 3 + x^5 / (3 5) + ...)  (Marsaglia, 2004,
/// "Evaluating the Normal Distribution").
double normal_probability(double x) noexcept {
  const double exponent = -0.5 * x * x;
  double density = 0;
  kernels::exp(&exponent, &density, 1);
  density *= std::numbers::inv_sqrtpi / std::numbers::sqrt2;
  double sum = 0, term = x;
  for (double n = 3; sum + term != sum; n += 2) {
    sum += term;
    term *= x * x / n;
  }
  return 0.5 + density * sum;
}

double normal_quantile(double p) noexcept {
  double low = -8, high = 8;
  for (int halvings = 0; halvings < 60; ++halvings) {
    const double middle = 0.5 * (low + high);
    (normal_probability(middle) < p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace carousel
