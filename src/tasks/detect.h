// The detect task: trains a network whose errors tell anomalies of a series into a run folder, and goes on
// with one that was stopped.
#pragma once

#include <memory>

#include "base/thread_pool.h"
#include "tasks/detect_model.h"
#include "tasks/forecast_data.h"
#include "tasks/training_run.h"

namespace carousel {

/// Trains into a run folder (made if missing), replacing a run that is there. sink may be null. Throws
/// SettingError, DataError, FileError, TrainingError.
TrainingResult train_detect(const DetectSettings& settings, const RunFolder& folder, ThreadPool& pool,
                            RunSink* sink);

/// Goes on with a run from its last checkpoint, or from the beginning if there is none yet. The final model
/// has the same bytes as that of the run never stopped. Throws also ModelError; DataError where the data file
/// is no longer the one the run began with.
TrainingResult resume_detect(const RunFolder& folder, ThreadPool& pool, RunSink* sink);

}  // namespace carousel
