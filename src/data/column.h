// One column of a table, growing at its end without ever being copied.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace carousel {

/// Values in pieces: the first pieces are small and double (a million short columns stay small), from
/// 2^16 values on all have that size, so growth neither copies nor asks for twice the memory.
template <class T>
class Column {
 public:
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  T operator[](std::size_t i) const noexcept { return pieces_[piece_of(i)][i - begin_of(piece_of(i))]; }
  T& operator[](std::size_t i) noexcept { return pieces_[piece_of(i)][i - begin_of(piece_of(i))]; }
  T back() const noexcept { return (*this)[size_ - 1]; }

  void push_back(T value) {
    if (size_ == capacity_) grow();
    *end_++ = value;
    ++size_;
  }

  /// The values in order, as contiguous pieces.
  std::size_t pieces() const noexcept { return pieces_.size(); }
  std::span<T> piece(std::size_t p) noexcept { return {pieces_[p].get(), piece_length(p)}; }
  std::span<const T> piece(std::size_t p) const noexcept { return {pieces_[p].get(), piece_length(p)}; }

 private:
  static constexpr std::size_t kFirstBits = 3, kLastBits = 16;
  // Pieces 0, 1, 2, ... hold 8, 8, 16, 32, ..., 2^15, then 2^16 each.
  static constexpr std::size_t kGrowing = kLastBits - kFirstBits + 1;

  static std::size_t piece_of(std::size_t i) noexcept {
    if (i >> kLastBits) return kGrowing + (i >> kLastBits) - 1;
    return static_cast<std::size_t>(std::bit_width(i >> kFirstBits));
  }
  static std::size_t begin_of(std::size_t p) noexcept {
    if (p >= kGrowing) return (p - kGrowing + 1) << kLastBits;
    return p == 0 ? 0 : std::size_t{1} << (kFirstBits + p - 1);
  }
  std::size_t piece_length(std::size_t p) const noexcept {
    return std::min(size_, begin_of(p + 1)) - begin_of(p);
  }
  void grow() {
    const std::size_t p = pieces_.size(), length = begin_of(p + 1) - begin_of(p);
    pieces_.push_back(std::make_unique_for_overwrite<T[]>(length));
    end_ = pieces_.back().get();
    capacity_ += length;
  }

  std::vector<std::unique_ptr<T[]>> pieces_;
  T* end_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace carousel
