#include "tasks/normal_quantile.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/activations.h"

namespace carousel {

/// By the series  1/2 + density(x) (x + x^3 / 3 + x^5 / (3 5) + ...)  (Marsaglia, 2004, "Evaluating the
/// Normal Distribution"); beyond 8 the rest is below 1e-15.
double normal_probability(double x, double& density) noexcept {
  const double exponent = -0.5 * x * x;
  kernels::exp(&exponent, &density, 1);
  density *= std::numbers::inv_sqrtpi / std::numbers::sqrt2;
  if (!(std::abs(x) < 8)) return x < 0 ? 0 : 1;
  double sum = 0, term = x;
  for (double n = 3; sum + term != sum; n += 2) {
    sum += term;
    term *= x * x / n;
  }
  return 0.5 + density * sum;
}

double normal_quantile(double p) noexcept {
  double low = -8, high = 8, density = 0;
  for (int halvings = 0; halvings < 60; ++halvings) {
    const double middle = 0.5 * (low + high);
    (normal_probability(middle, density) < p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

double mixture_quantile(std::span<const double> weights, std::span<const double> means,
                        std::span<const double> deviations, double p, double normal) noexcept {
  // It lies between the quantiles of the components: below the lowest each of them has less than p.
  double low = means[0] + deviations[0] * normal, high = low;
  for (std::size_t k = 1; k < weights.size(); ++k) {
    const double own = means[k] + deviations[k] * normal;
    low = std::min(low, own);
    high = std::max(high, own);
  }
  // Newton's steps where they stay between, halvings where they do not.
  double x = 0.5 * (low + high);
  for (int steps = 0; steps < 100 && high > low; ++steps) {
    double probability = 0, density = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      double own = 0;
      probability += weights[k] * normal_probability((x - means[k]) / deviations[k], own);
      density += weights[k] * own / deviations[k];
    }
    (probability < p ? low : high) = x;
    const double newton = x - (probability - p) / density;
    const double next = newton > low && newton < high ? newton : 0.5 * (low + high);
    if (std::abs(next - x) <= 1e-12 * (std::abs(x) + (high - low))) break;
    x = next;
  }
  return x;
}

}  // namespace carousel
