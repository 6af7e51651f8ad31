// Normally distributed numbers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/random.h"

namespace carousel::kernels {

/// The value below which a standard normal number lies with probability p, 0 < p < 1; the relative error is
/// about 1e-7. Wichura, "Algorithm AS 241", Applied Statistics 37, 1988, function PPND7.
double normal_quantile(double p) noexcept;

/// Standard normal numbers: out[j] is that of index first + j. From 32 random bits each, so within 6.4.
template <class T>
void fill_normal(const Random& random, std::uint64_t first, T* out, std::size_t n) noexcept;

}  // namespace carousel::kernels
