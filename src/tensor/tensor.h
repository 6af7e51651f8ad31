// Numbers that are owned, contiguous and aligned, with a shape.
#pragma once

#include <algorithm>
#include <span>

#include "base/aligned.h"
#include "tensor/shape.h"
#include "tensor/view.h"

namespace carousel {

/// An owning array, last axis contiguous. resize() never gives memory back, so a buffer that has once held a
/// shape holds it again without allocation.
template <class T>
class Tensor {
 public:
  Tensor() : shape_({0}) {}
  explicit Tensor(const Shape& shape, T value = T()) : shape_(shape), data_(shape.size(), value) {}

  const Shape& shape() const noexcept { return shape_; }
  std::size_t size() const noexcept { return shape_.size(); }
  T* data() noexcept { return data_.data(); }
  const T* data() const noexcept { return data_.data(); }
  T& operator[](std::size_t i) noexcept { return data_[i]; }
  const T& operator[](std::size_t i) const noexcept { return data_[i]; }
  std::span<T> span() noexcept { return {data(), size()}; }
  std::span<const T> span() const noexcept { return {data(), size()}; }

  /// Takes a new shape; the contents are unspecified afterwards.
  void resize(const Shape& shape) {
    shape_ = shape;
    if (data_.size() < shape.size()) data_.resize(shape.size());
  }
  void fill(T value) noexcept { std::fill_n(data(), size(), value); }

  /// The whole as a matrix: all axes but the last are rows.
  View<T> matrix() noexcept { return {data(), rows(), columns()}; }
  View<const T> matrix() const noexcept { return {data(), rows(), columns()}; }

 private:
  std::size_t columns() const noexcept { return shape_.rank() == 0 ? 1 : shape_[shape_.rank() - 1]; }
  std::size_t rows() const noexcept { return columns() == 0 ? 0 : size() / columns(); }

  Shape shape_;
  AlignedVector<T> data_;
};

}  // namespace carousel
