// A dense block of numbers as it stands in a file: images, feature matrices, batches of sequences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/shape.h"

namespace carousel {

/// values.size() == shape.size(); row-major, the last extent contiguous. What was NaN or infinite in the file
/// is so here.
struct Array {
  Shape shape;
  std::vector<float> values;

  /// The values of place i of the outermost axis. Throws Error for an array of rank 0 or i beyond the extent.
  std::span<const float> slice(std::size_t i) const;

  bool operator==(const Array& other) const = default;
};

/// The extents of a file as a shape. Throws DataError naming `place` for more than six axes, or more elements
/// than any file could hold.
Shape shape_in_file(std::span<const std::uint64_t> extents, const std::string& place);

/// An array of zeros to read into. The caller has made sure that the file holds as many numbers. Throws
/// DataError naming `place` when there is not enough memory.
Array zeros(const Shape& shape, const std::string& place);

/// The values of an array in which the first index varies fastest (Fortran, MATLAB), in the order of Array.
std::vector<float> to_row_major(std::span<const float> columns, const Shape& shape);

}  // namespace carousel
