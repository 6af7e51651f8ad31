// The control task: a network learns to act in a world, into a run folder, and goes on where it was stopped.
#pragma once

#include "base/thread_pool.h"
#include "tasks/control_settings.h"
#include "tasks/training_run.h"

namespace carousel {

/// Trains into a run folder (made if missing), replacing a run that is there. sink may be null. Throws
/// SettingError, FileError, TrainingError.
TrainingResult train_control(const ControlSettings& settings, const RunFolder& folder, ThreadPool& pool,
                             RunSink* sink);

/// Goes on with a run from its last checkpoint, or from the beginning if there is none yet. The final model
/// has the same bytes as that of the run never stopped. Throws also ModelError.
TrainingResult resume_control(const RunFolder& folder, ThreadPool& pool, RunSink* sink);

}  // namespace carousel
