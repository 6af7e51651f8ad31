// The standard normal distribution, its quantiles, and those of mixtures. The same bits on every machine.
#pragma once

#include <span>

namespace carousel {

/// Below x, the probability; absolute error below 1e-12. density: of x.
double normal_probability(double x, double& density) noexcept;

/// The x below which the standard normal distribution lies with probability p, 0 < p < 1. Absolute error
/// below 1e-9 for p from 1e-6 to 1 - 1e-6; never beyond -8 or 8. Not fast.
double normal_quantile(double p) noexcept;

/// The x below which a mixture of normal distributions lies with probability p. weights: they sum to 1;
/// deviations above 0; as many of each, at least one. normal: normal_quantile(p).
double mixture_quantile(std::span<const double> weights, std::span<const double> means,
                        std::span<const double> deviations, double p, double normal) noexcept;

}  // namespace carousel
