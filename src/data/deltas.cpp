#include "data/deltas.h"

#include <algorithm>

namespace carousel {

Deltas::Deltas(std::size_t order, std::size_t width) : width_(width), scale_(0), levels_(order + 1) {
  for (std::size_t k = 1; k <= width; ++k) scale_ += 2 * static_cast<double>(k * k);
}

void Deltas::push(std::span<const float> row, std::vector<float>& out) {
  levels_.front().rows.emplace_back(row.begin(), row.end());
  advance(false, out);
}

void Deltas::finish(std::vector<float>& out) {
  advance(true, out);
  for (Level& level : levels_) level = {};
  given_ = 0;
}

void Deltas::advance(bool ended, std::vector<float>& out) {
  for (std::size_t order = 1; order < levels_.size(); ++order) {
    const Level& below = levels_[order - 1];
    Level& level = levels_[order];
    while (level.end() + (ended ? 0 : width_) < below.end()) level.rows.push_back(delta(below, level.end()));
  }
  for (; given_ < levels_.back().end(); ++given_) {
    for (const Level& level : levels_) {
      const std::vector<float>& row = level.rows[given_ - level.first];
      out.insert(out.end(), row.begin(), row.end());
    }
  }
  forget();
}

std::vector<float> Deltas::delta(const Level& level, std::size_t t) const {
  const auto row = [&](std::size_t number) -> const std::vector<float>& {
    return level.rows[number - level.first];
  };
  std::vector<double> sums(row(t).size());
  for (std::size_t k = 1; k <= width_; ++k) {
    const std::vector<float>& after = row(std::min(t + k, level.end() - 1));
    const std::vector<float>& before = row(t - std::min(t, k));
    for (std::size_t i = 0; i < sums.size(); ++i)
      sums[i] += static_cast<double>(k) * (static_cast<double>(after[i]) - static_cast<double>(before[i]));
  }
  std::vector<float> deltas(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) deltas[i] = static_cast<float>(sums[i] / scale_);
  return deltas;
}

void Deltas::forget() {
  for (std::size_t order = 0; order < levels_.size(); ++order) {
    // What is still to be given, and what the next delta looks back at.
    std::size_t needed = given_;
    if (order + 1 < levels_.size()) {
      const std::size_t next = levels_[order + 1].end();
      needed = std::min(needed, next - std::min(next, width_));
    }
    Level& level = levels_[order];
    for (; level.first < needed; ++level.first) level.rows.pop_front();
  }
}

}  // namespace carousel
