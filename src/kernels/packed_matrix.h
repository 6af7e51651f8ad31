// The right factor of a matrix product in the layout that the kernels read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/aligned.h"
#include "kernels/weight_format.h"

namespace carousel::kernels {

/// A matrix B [K, N] copied into panels of as many vectors of columns as the kernel of the target in use
/// computes at a time. It remembers the target: its products run on that one, whatever use_target() says
/// later.
///
/// Its columns may consist of several equal parts, the gates of a cell: part p holds the columns [p * units,
/// (p + 1) * units). Then the parts take turns, vector by vector, so that a few neighbouring panels hold all
/// gates of a few units; but where that would leave many gaps, because a vector never holds columns of two
/// parts, the columns are packed as if of one part.
template <class T>
class PackedMatrix {
 public:
  /// B[k][n] = b[k * k_stride + n * n_stride]: a transpose costs nothing. n is a multiple of parts. No
  /// allocation for a size and format had before. A format other than float32 is for floats only, finite
  /// ones.
  void pack(const T* b, std::size_t k, std::size_t n, std::size_t k_stride, std::size_t n_stride,
            std::size_t parts = 1, WeightFormat format = WeightFormat::float32);
  /// The same in two steps, for several threads: first the shape, then the contents of panels [begin, end).
  void reshape(std::size_t k, std::size_t n, std::size_t parts = 1,
               WeightFormat format = WeightFormat::float32);
  void pack_panels(const T* b, std::size_t k_stride, std::size_t n_stride, std::size_t begin,
                   std::size_t end) noexcept;

  std::size_t k() const noexcept { return k_; }
  std::size_t n() const noexcept { return n_; }
  std::size_t parts() const noexcept { return parts_; }
  WeightFormat format() const noexcept { return format_; }
  /// Columns of a part.
  std::size_t units() const noexcept { return units_; }

  /// Elements of a vector on its target.
  std::size_t lanes() const noexcept { return lanes_; }
  std::size_t panels() const noexcept { return panels_; }
  /// Vectors of a panel: as many as there are at once, or in the last panel 1 or 2 where no more are needed.
  std::size_t vectors(std::size_t panel) const noexcept {
    return panel + 1 < panels_ ? panel_vectors_ : last_vectors_;
  }
  /// float32: k rows of vectors(p) vectors.
  const T* panel(std::size_t p) const noexcept { return data_.data() + p * k_ * panel_vectors_ * lanes_; }
  /// bf16: k rows of half as many vectors, rounded up; int8: ceil(k / 4) rows of as many vectors.
  const std::uint32_t* words(std::size_t p) const noexcept { return words_.data() + words_before(p); }
  /// int8: the scale of every column.
  const float* scales() const noexcept { return scales_.data(); }

  /// Columns [begin, begin + count) that a vector holds; count 0 behind the last.
  struct Columns {
    std::size_t begin, count;
  };
  /// Of the vectors of a panel and those behind it.
  const Columns* columns(std::size_t panel) const noexcept {
    return columns_.data() + panel * panel_vectors_;
  }
  /// Panels before this one have no gaps.
  std::size_t whole_panels() const noexcept { return whole_panels_; }
  /// Units all of whose columns lie before a panel.
  std::size_t units_before(std::size_t panel) const noexcept { return units_before_[panel]; }
  /// So many panels, and multiples of it, hold whole units.
  std::size_t group_panels() const noexcept { return group_panels_; }

  /// Index of the target it was packed for, as in every kernel table.
  std::size_t target() const noexcept { return target_; }

 private:
  void lay_out();
  void pack_panel(const T* b, std::size_t p, std::size_t k_stride, std::size_t n_stride) noexcept;
  void pack_bf16(const T* b, std::size_t p, std::size_t k_stride, std::size_t n_stride) noexcept;
  void pack_int8(const T* b, std::size_t p, std::size_t k_stride, std::size_t n_stride) noexcept;
  static std::size_t word_rows(WeightFormat format, std::size_t k) noexcept {
    return format == WeightFormat::int8 ? (k + 3) / 4 : k;
  }
  static std::size_t word_vectors(WeightFormat format, std::size_t vectors) noexcept {
    return format == WeightFormat::bf16 ? (vectors + 1) / 2 : vectors;
  }
  std::size_t words_before(std::size_t p) const noexcept {
    return p * word_rows(format_, k_) * word_vectors(format_, panel_vectors_) * lanes_;
  }

  WeightFormat format_ = WeightFormat::float32;
  std::size_t k_ = 0, n_ = 0, parts_ = 1, turns_ = 1, units_ = 0;
  std::size_t lanes_ = 0, panel_vectors_ = 0, panels_ = 0, last_vectors_ = 0, whole_panels_ = 0,
              group_panels_ = 1, target_ = 0;
  std::vector<Columns> columns_;           // of every vector
  std::vector<std::size_t> units_before_;  // of every panel, and of the end
  AlignedVector<T> data_;                  // float32
  AlignedVector<std::uint32_t> words_;     // the others
  AlignedVector<float> scales_;            // int8
};

}  // namespace carousel::kernels
