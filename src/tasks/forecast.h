// The forecast task: trains a network on a CSV file into a run folder, and goes on with one that was stopped.
#pragma once

#include <string>

#include "base/thread_pool.h"
#include "tasks/forecast_settings.h"
#include "tasks/training_run.h"

namespace carousel {

/// Trains into a run folder (made if missing), replacing a run that is there. sink may be null. Throws
/// SettingError, DataError, FileError, TrainingError.
TrainingResult train_forecast(const ForecastSettings& settings, const std::string& run_folder,
                              ThreadPool& pool, RunSink* sink);

/// Goes on with a run from its last checkpoint, or from the beginning if there is none yet. The final model
/// has the same bytes as that of the run never stopped. Throws also ModelError; DataError where the data file
/// is no longer the one the run began with.
TrainingResult resume_forecast(const std::string& run_folder, ThreadPool& pool, RunSink* sink);

}  // namespace carousel
