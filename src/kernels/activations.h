// Element-wise transcendental functions, the project's own, the same bits on every CPU.
// float: within 2 ulp over all finite inputs (measured); exact at 0, saturating, NaN-preserving.
// in and out may be the same array; otherwise they must not overlap.
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
