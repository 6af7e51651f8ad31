// From scores of rows to stretches of time that a user is to look at.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "data/split.h"

namespace carousel {

struct AnomalyWindow {
  Range rows;
  double score = 0;      ///< the highest one in it
  std::size_t peak = 0;  ///< the first row that has it
};

/// Rows whose score is at least the threshold, those with at most `gap` rows between them in one window. NaN:
/// no score.
std::vector<AnomalyWindow> find_windows(std::span<const double> scores, double threshold, std::size_t gap);

}  // namespace carousel
