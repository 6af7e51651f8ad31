// The forecast task: trains a network on a CSV file into a run folder, and goes on with one that was stopped.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "carousel/progress.h"
#include "tasks/forecast_settings.h"
#include "tasks/run_folder.h"
#include "training/trainer.h"

namespace carousel {

/// What training was set up with, before the first batch.
struct ForecastPlan {
  ForecastSettings settings;  ///< resolved
  std::string spec;           ///< of the whole network
  std::size_t parameters = 0;
  std::size_t series = 0, rows = 0;
  std::size_t training_windows = 0, validation_windows = 0;
  std::string frequency;
  std::vector<std::string> input_names;
  std::vector<std::string> log_targets;  ///< targets that go through the logarithm
};

/// Is told the plan, then as ProgressSink.
class ForecastSink : public ProgressSink {
 public:
  virtual void on_plan(const ForecastPlan& plan) { (void)plan; }
};

/// Trains into a run folder (made if missing), replacing a run that is there. sink may be null. Throws
/// SettingError, DataError, FileError, TrainingError.
TrainingResult train_forecast(const ForecastSettings& settings, const std::string& run_folder,
                              ThreadPool& pool, ForecastSink* sink);

/// Goes on with a run from its last checkpoint, or from the beginning if there is none yet. The final model
/// has the same bytes as that of the run never stopped. Throws also ModelError; DataError where the data file
/// is no longer the one the run began with.
TrainingResult resume_forecast(const std::string& run_folder, ThreadPool& pool, ForecastSink* sink);

/// The losses of all epochs of a run, from its log. Throws FileError, DataError.
std::vector<ProgressRecord> read_log(const std::string& run_folder);

}  // namespace carousel
