#include "data/array.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <new>

namespace carousel {

std::span<const float> Array::slice(std::size_t i) const {
  if (shape.rank() == 0 || i >= shape[0]) {
    throw Error(
        fmt::format("[array.slice] expected a place of the first axis of {}, got {}", shape.to_string(), i));
  }
  const std::size_t length = values.size() / shape[0];
  return std::span(values).subspan(i * length, length);
}

Shape shape_in_file(std::span<const std::uint64_t> extents, const std::string& place) {
  if (extents.size() > Shape::kMaxRank) {
    throw DataError(
        fmt::format("{}: found {} axes, expected at most {}", place, extents.size(), Shape::kMaxRank));
  }
  try {
    return Shape(std::vector<std::size_t>(extents.begin(), extents.end()));
  } catch (const Error&) {
    throw DataError(fmt::format("{}: found the shape [{}], which has more numbers than a file can hold",
                                place, fmt::join(extents, ", ")));
  }
}

Array zeros(const Shape& shape, const std::string& place) {
  try {
    return {shape, std::vector<float>(shape.size())};
  } catch (const std::bad_alloc&) {
    throw DataError(fmt::format("{}: not enough memory for its {} numbers", place, shape.size()));
  }
}

std::vector<float> to_row_major(std::span<const float> columns, const Shape& shape) {
  std::vector<float> rows(columns.size());
  std::array<std::size_t, Shape::kMaxRank> index{}, stride{};
  for (std::size_t axis = 0, step = 1; axis < shape.rank(); step *= shape[axis++]) stride[axis] = step;
  std::size_t from = 0;
  for (float& value : rows) {
    value = columns[from];
    for (std::size_t axis = shape.rank(); axis-- > 0;) {
      from += stride[axis];
      if (++index[axis] < shape[axis]) break;
      from -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return rows;
}

}  // namespace carousel
