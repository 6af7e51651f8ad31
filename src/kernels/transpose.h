// Rows and columns of a matrix exchanged.
#pragma once

#include <cstddef>

#include "kernels/rows.h"

namespace carousel::kernels {

/// to [columns, rows] = from [rows, columns], transposed. They do not overlap.
template <class T>
void transpose(std::size_t rows, std::size_t columns, Rows<const T> from, Rows<T> to) noexcept;

}  // namespace carousel::kernels
