// Rows of a batch, as the gate kernels take them; and what is moved row by row.
#pragma once

#include <cstddef>

namespace carousel::kernels {

/// Row r begins at data + r * stride.
template <class T>
struct Rows {
  T* data;
  std::size_t stride;

  T* row(std::size_t r) const noexcept { return data + r * stride; }
  /// The same rows from a column on.
  Rows from(std::size_t column) const noexcept { return {data + column, stride}; }
};

/// Row by row, n numbers each: to = from. A row of `to` may overlap the one before.
template <class T>
void copy_rows(std::size_t rows, std::size_t n, Rows<const T> from, Rows<T> to) noexcept;
/// to += from, the same way.
template <class T>
void add_rows(std::size_t rows, std::size_t n, Rows<const T> from, Rows<T> to) noexcept;

}  // namespace carousel::kernels
