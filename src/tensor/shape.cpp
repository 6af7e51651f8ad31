#include "tensor/shape.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>

namespace carousel {

namespace {
constexpr std::size_t kMaxElements = std::numeric_limits<std::ptrdiff_t>::max() / 16;
}

Shape::Shape(std::span<const std::size_t> extents) : rank_(extents.size()) {
  if (rank_ > kMaxRank) throw Error(fmt::format("[shape] at most {} axes, got {}", kMaxRank, rank_));
  for (std::size_t axis = 0; axis < rank_; ++axis) {
    extents_[axis] = extents[axis];
    size_ = checked_multiply(size_, extents[axis], "shape");
  }
  if (size_ > kMaxElements) throw Error(fmt::format("[shape] {} has too many elements", to_string()));
}

std::string Shape::to_string() const { return fmt::format("[{}]", fmt::join(extents(), ", ")); }

std::size_t checked_multiply(std::size_t a, std::size_t b, const char* what) {
  std::size_t result;
  if (__builtin_mul_overflow(a, b, &result))
    throw Error(fmt::format("[{}] {} * {} is too large", what, a, b));
  return result;
}

std::size_t checked_add(std::size_t a, std::size_t b, const char* what) {
  std::size_t result;
  if (__builtin_add_overflow(a, b, &result))
    throw Error(fmt::format("[{}] {} + {} is too large", what, a, b));
  return result;
}

}  // namespace carousel
