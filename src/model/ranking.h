// What searches rank: hypotheses, each continued by a symbol.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace carousel {

struct Continuation {
  std::size_t row;  // among the hypotheses that it continues one of
  std::size_t symbol;
  double log_probability;
};

/// Keeps the most probable, of equal ones those that came first.
class Ranking {
 public:
  void clear(std::size_t most) {
    most_ = most;
    best_.clear();
  }
  void offer(const Continuation& c) {
    const double p = c.log_probability;
    if (p != p || (best_.size() == most_ && !(p > best_.back().log_probability))) return;
    if (best_.size() == most_) best_.pop_back();
    const auto behind = std::ranges::find_if(best_, [p](const auto& b) { return p > b.log_probability; });
    best_.insert(behind, c);
  }
  const std::vector<Continuation>& best() const noexcept { return best_; }

 private:
  std::size_t most_ = 0;
  std::vector<Continuation> best_;
};

}  // namespace carousel
