#include "app/report/thinning.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace carousel::report {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Start of slice k of `slices` over n values, without overflow: n and slices are at most 2^53 in practice.
std::size_t slice_start(std::size_t k, std::size_t slices, std::size_t n) {
  return n / slices * k + n % slices * k / slices;
}

}  // namespace

Points thin_line(const std::vector<double>& x, const std::vector<double>& y, std::size_t limit) {
  if (x.size() <= limit) return {x, y};
  const std::size_t slices = limit / 2;
  Points out;
  for (std::size_t k = 0; k < slices; ++k) {
    const std::size_t begin = slice_start(k, slices, x.size());
    const std::size_t end = slice_start(k + 1, slices, x.size());
    std::size_t smallest = end;
    std::size_t largest = end;
    for (std::size_t t = begin; t < end; ++t) {
      if (!std::isfinite(y[t])) continue;
      if (smallest == end || y[t] < y[smallest]) smallest = t;
      if (largest == end || y[t] > y[largest]) largest = t;
    }
    if (smallest == end) {
      out.x.push_back(x[begin]);
      out.y.push_back(kNan);
      continue;
    }
    for (const std::size_t t : {std::min(smallest, largest), std::max(smallest, largest)}) {
      out.x.push_back(x[t]);
      out.y.push_back(y[t]);
      if (smallest == largest) break;
    }
  }
  return out;
}

Envelope thin_band(const std::vector<double>& x, const std::vector<double>& low,
                   const std::vector<double>& high, std::size_t limit) {
  if (x.size() <= limit) return {x, low, high};
  Envelope out;
  for (std::size_t k = 0; k < limit; ++k) {
    const std::size_t begin = slice_start(k, limit, x.size());
    const std::size_t end = slice_start(k + 1, limit, x.size());
    double lowest = kNan;
    double highest = kNan;
    for (std::size_t t = begin; t < end; ++t) {
      lowest = std::fmin(lowest, low[t]);
      highest = std::fmax(highest, high[t]);
    }
    out.x.push_back(x[begin + (end - begin) / 2]);
    out.low.push_back(lowest);
    out.high.push_back(highest);
  }
  return out;
}

Matrix block_means(const Matrix& matrix, std::size_t row_block, std::size_t column_block) {
  Matrix out;
  out.rows = (matrix.rows + row_block - 1) / row_block;
  out.columns = (matrix.columns + column_block - 1) / column_block;
  out.values.reserve(out.rows * out.columns);
  for (std::size_t top = 0; top < matrix.rows; top += row_block) {
    for (std::size_t left = 0; left < matrix.columns; left += column_block) {
      const std::size_t bottom = std::min(top + row_block, matrix.rows);
      const std::size_t right = std::min(left + column_block, matrix.columns);
      double sum = 0;
      for (std::size_t r = top; r < bottom; ++r) {
        for (std::size_t c = left; c < right; ++c) sum += matrix.values[r * matrix.columns + c];
      }
      out.values.push_back(sum / static_cast<double>((bottom - top) * (right - left)));
    }
  }
  return out;
}

}  // namespace carousel::report
