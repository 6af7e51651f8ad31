// The receiver operating characteristic: what a threshold on a score finds, and what it finds wrongly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace carousel {

struct ScoredCase {
  double score;   ///< larger: rather positive
  bool positive;  ///< the truth
};

/// Of the cases with scores from `threshold` on: how many are positive, and how many are not.
struct RocPoint {
  double threshold;
  std::uint64_t true_positives, false_positives;
};

struct Roc {
  std::uint64_t positives = 0, negatives = 0;
  /// From the threshold infinity, above which there is nothing, down; one point for each different score.
  std::vector<RocPoint> curve;
  /// Area under the curve: the probability that a positive case has a higher score than a negative one, where
  /// equal scores count half (Hanley & McNeil 1982; Mann & Whitney's U). Counted in whole numbers. NaN where
  /// either kind is missing.
  double auc;

  /// NaN where there is none of that kind.
  double true_positive_rate(const RocPoint& point) const noexcept;
  double false_positive_rate(const RocPoint& point) const noexcept;
};

/// Throws Error for a score that is NaN.
Roc receiver_operating_characteristic(std::span<const ScoredCase> cases);

}  // namespace carousel
