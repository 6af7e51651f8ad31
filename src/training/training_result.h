// How a training run ended.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "carousel/progress.h"

namespace carousel {

enum class StopReason { finished, patience, time, interrupted, target };

struct TrainingResult {
  StopReason stopped = StopReason::finished;
  std::size_t best_epoch = 0;  ///< the first is 1; 0: no epoch was finished. Without validation: the last
  double best_validation_loss = std::numeric_limits<double>::quiet_NaN();
  std::vector<ProgressRecord> history;  ///< one record an epoch
};

}  // namespace carousel
