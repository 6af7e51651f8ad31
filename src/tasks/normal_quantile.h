// Quantiles of the standard normal distribution, and its distribution function.
#pragma once

namespace carousel {

/// The x below which the standard normal distribution lies with probability p, 0 < p < 1. Absolute error
/// below 1e-9 for p from 1e-6 to 1 - 1e-6; never beyond -8 or 8. The same bits on every machine. Not fast.
double normal_quantile(double p) noexcept;

/// The inverse: the probability that the standard normal distribution is below x, for x from -8 to 8.
/// Absolute error below 1e-15. The same bits on every machine.
double normal_probability(double x) noexcept;

}  // namespace carousel
