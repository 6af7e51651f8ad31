// How a network is trained, whatever its task. Threads are not among it: they do not change the result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tasks/method_settings.h"
#include "training/optimizer.h"
#include "training/schedule.h"
#include "training/trainer.h"

namespace carousel {

struct TrainingSettings {
  MethodSettings method = {};
  std::size_t epochs = 0;             ///< 0: the task's own number
  std::size_t updates_per_epoch = 0;  ///< an epoch goes on, or ends, with so many; 0: all data once
  std::size_t batch = 0;              ///< sequences a batch; 0: the task's own number
  OptimizerOptions optimizer = {};
  ScheduleOptions schedule = {};
  double clip_norm = 1;
  double average = 0;             ///< bptt: decay of the weights' running mean, which is kept; 0: none
  bool recompute = false;         ///< less memory for long sequences, more time
  std::size_t patience = 10;      ///< epochs without a better validation loss; 0: never stops early
  double time_limit_seconds = 0;  ///< 0: none
  std::uint64_t seed = 0;

  /// For the Trainer, with a checkpoint at this path.
  TrainingOptions options(const std::string& checkpoint_path) const;
};

/// Throws SettingError naming the option and what would work.
void check_settings(const TrainingSettings& settings);

}  // namespace carousel
