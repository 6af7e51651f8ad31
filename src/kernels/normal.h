// Normally distributed numbers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/random.h"

namespace carousel::kernels {

/// Standard normal numbers: out[j] is that of index first + j, which is below 2^64. From 32 random bits each,
/// so within 6.4; the value below which one lies with probability p = (bits + 1/2) / 2^32, by Wichura,
/// "Algorithm AS 241", Applied Statistics 37, 1988, function PPND7: to a relative error of about 1e-7.
template <class T>
void fill_normal(const Random& random, std::uint64_t first, T* out, std::size_t n) noexcept;

}  // namespace carousel::kernels
