// Rows of a batch, as the gate kernels take them.
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

}  // namespace carousel::kernels
