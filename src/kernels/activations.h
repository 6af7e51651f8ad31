// Element-wise transcendental functions, the project's own, the same bits on every CPU.
// Exact at 0, saturating, NaN-preserving. Largest error of float over all 2^32 inputs, subnormal results
// included (bench/activations_sweep): exp 1.02, log 0.84, tanh 1.90, sigmoid 1.62 ulp. double: under 2 ulp on
// the tests' sample. in and out may be the same array; otherwise they must not overlap.
#pragma once

#include <cstddef>

namespace carousel::kernels {

template <class T>
void exp(const T* in, T* out, std::size_t n) noexcept;
template <class T>
void log(const T* in, T* out, std::size_t n) noexcept;
template <class T>
void tanh(const T* in, T* out, std::size_t n) noexcept;
template <class T>
void sigmoid(const T* in, T* out, std::size_t n) noexcept;

}  // namespace carousel::kernels
