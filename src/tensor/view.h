// A window on somebody else's numbers: rows of equal length at a fixed distance.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

namespace carousel {

/// A matrix [rows, columns] that it does not own; row r begins at data + r * stride. Copying copies the
/// window. T may be const.
template <class T>
class View {
 public:
  View() = default;
  View(T* data, std::size_t rows, std::size_t columns, std::size_t stride) noexcept
      : data_(data), rows_(rows), columns_(columns), stride_(stride) {}
  View(T* data, std::size_t rows, std::size_t columns) noexcept : View(data, rows, columns, columns) {}
  /// A view of mutable numbers may be read through a view of const ones.
  template <class U>
  requires(std::is_same_v<const U, T>) View(const View<U>& other)
  noexcept : View(other.data(), other.rows(), other.columns(), other.stride()) {}

  T* data() const noexcept { return data_; }
  std::size_t rows() const noexcept { return rows_; }
  std::size_t columns() const noexcept { return columns_; }
  /// Elements from one row's start to the next.
  std::size_t stride() const noexcept { return stride_; }

  T* row(std::size_t r) const noexcept { return data_ + r * stride_; }
  T& operator()(std::size_t r, std::size_t c) const noexcept { return data_[r * stride_ + c]; }
  std::span<T> row_span(std::size_t r) const noexcept { return {row(r), columns_}; }

  /// Columns [begin, begin + count) of every row.
  View columns(std::size_t begin, std::size_t count) const noexcept {
    return {data_ + begin, rows_, count, stride_};
  }
  /// Rows [begin, begin + count).
  View rows(std::size_t begin, std::size_t count) const noexcept {
    return {row(begin), count, columns_, stride_};
  }

 private:
  T* data_ = nullptr;
  std::size_t rows_ = 0, columns_ = 0, stride_ = 0;
};

}  // namespace carousel
