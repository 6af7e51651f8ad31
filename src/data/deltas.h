// How rows of features change over time, beside them.
//
// d[t] = sum over k = 1 ... K of k (x[t + k] - x[t - k]), divided by 2 sum of k^2 (the HTK Book 3.4, 5.16);
// where rows lack at either end the outermost takes their place. Deltas of deltas are the same of d.
#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

namespace carousel {

class Deltas {
 public:
  /// Rows out are (1 + order) times as long as those that come; K = width.
  Deltas(std::size_t order, std::size_t width);

  /// Appends the rows that are complete with this one.
  void push(std::span<const float> row, std::vector<float>& out);
  /// Appends those that are left, and begins anew.
  void finish(std::vector<float>& out);

 private:
  /// Rows of one order: those that others still need, of which the first is number `first`.
  struct Level {
    std::deque<std::vector<float>> rows;
    std::size_t first = 0;
    std::size_t end() const noexcept { return first + rows.size(); }
  };
  void advance(bool ended, std::vector<float>& out);
  std::vector<float> delta(const Level& level, std::size_t t) const;
  void forget();

  std::size_t width_;
  double scale_;
  /// The rows themselves, their deltas, the deltas of those.
  std::vector<Level> levels_;
  /// Rows given out.
  std::size_t given_ = 0;
};

}  // namespace carousel
