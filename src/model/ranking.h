// What searches rank: hypotheses, each continued by a symbol.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace carousel {

struct Continuation {
  std::size_t row;  // among the hypotheses that it continues one of
  std::size_t symbol;
  double score;
};

/// Keeps those of highest score, of equal ones those that came first.
class Ranking {
 public:
  void clear(std::size_t most) {
    most_ = most;
    best_.clear();
  }
  void offer(const Continuation& c) {
    const double p = c.score;
    if (p != p || (best_.size() == most_ && !(p > best_.back().score))) return;
    if (best_.size() == most_) best_.pop_back();
    const auto behind = std::ranges::find_if(best_, [p](const auto& b) { return p > b.score; });
    best_.insert(behind, c);
  }
  const std::vector<Continuation>& best() const noexcept { return best_; }

 private:
  std::size_t most_ = 0;
  std::vector<Continuation> best_;
};

}  // namespace carousel
