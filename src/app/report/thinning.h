// Fewer points for the same picture: a screen has some thousand columns, a series may have millions of
// values.
#pragma once

#include <cstddef>
#include <vector>

namespace carousel::report {

struct Points {
  std::vector<double> x;
  std::vector<double> y;
};

/// At most `limit` (>= 4) points. The series is cut into limit / 2 slices of equal length, and of each the
/// smallest and the largest finite value stay, in their order; a slice without any becomes a gap. x and y
/// have equal length.
Points thin_line(const std::vector<double>& x, const std::vector<double>& y, std::size_t limit);

struct Envelope {
  std::vector<double> x;
  std::vector<double> low;
  std::vector<double> high;
};

/// At most `limit` (>= 1) points: the smallest low and the largest high of each of `limit` slices, at its
/// middle. All three have equal length.
Envelope thin_band(const std::vector<double>& x, const std::vector<double>& low,
                   const std::vector<double>& high, std::size_t limit);

struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> values;  ///< row-major
};

/// The mean of blocks of `row_block` x `column_block` neighbouring cells (both >= 1); blocks at the edge may
/// be smaller.
Matrix block_means(const Matrix& matrix, std::size_t row_block, std::size_t column_block);

}  // namespace carousel::report
