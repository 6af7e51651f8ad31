#pragma once

#include <algorithm>
#include <cstddef>

#include "tensor/view.h"

namespace carousel {

/// to [N, M] = from [M, N] with rows and columns exchanged; in squares that fit the first-level cache.
template <class T>
void transpose(View<const T> from, View<T> to) noexcept {
  constexpr std::size_t kSquare = 16;
  for (std::size_t row = 0; row < from.rows(); row += kSquare)
    for (std::size_t column = 0; column < from.columns(); column += kSquare) {
      const std::size_t row_end = std::min(row + kSquare, from.rows());
      const std::size_t column_end = std::min(column + kSquare, from.columns());
      for (std::size_t c = column; c < column_end; ++c)
        for (std::size_t r = row; r < row_end; ++r) to(c, r) = from(r, c);
    }
}

}  // namespace carousel
