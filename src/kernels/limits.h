// What this CPU can do at most, for measuring how near the other kernels come: loops that do nothing else.
#pragma once

#include <cstddef>

namespace carousel::kernels {

/// Independent chains of fused multiply-adds in registers, on the target in use. Returns the floating-point
/// operations done, two for a multiply-add.
template <class T>
double multiply_adds_in_registers(std::size_t turns) noexcept;

/// Reads n elements, whole vectors of them (64 bytes or fewer), and returns the bytes read.
template <class T>
double read_vectors(const T* from, std::size_t n) noexcept;

}  // namespace carousel::kernels
