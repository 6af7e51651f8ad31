// The extents of a tensor, checked once so that arithmetic on sizes cannot overflow later.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>

namespace carousel {

/// Up to six extents, outermost first. Extents of zero are legal. Throws Error if the number of elements,
/// in bytes of the widest type, would not fit std::ptrdiff_t.
class Shape {
 public:
  static constexpr std::size_t kMaxRank = 6;

  Shape() = default;
  Shape(std::initializer_list<std::size_t> extents) : Shape(std::span(extents.begin(), extents.size())) {}
  explicit Shape(std::span<const std::size_t> extents);

  std::size_t rank() const noexcept { return rank_; }
  std::size_t operator[](std::size_t axis) const noexcept { return extents_[axis]; }
  /// Product of all extents; 1 for rank 0.
  std::size_t size() const noexcept { return size_; }
  std::span<const std::size_t> extents() const noexcept { return {extents_.data(), rank_}; }
  /// "[40, 8, 12]"
  std::string to_string() const;

  bool operator==(const Shape& other) const noexcept = default;

 private:
  std::array<std::size_t, kMaxRank> extents_{};
  std::size_t rank_ = 0;
  std::size_t size_ = 1;
};

/// a * b, a + b; throw Error naming `what` when the result does not fit.
std::size_t checked_multiply(std::size_t a, std::size_t b, const char* what);
std::size_t checked_add(std::size_t a, std::size_t b, const char* what);

}  // namespace carousel
