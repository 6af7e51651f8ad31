// The translate task: trains an encoder-decoder on pairs of lines into a run folder, and goes on with one
// that was stopped.
#pragma once

#include "base/thread_pool.h"
#include "tasks/training_run.h"
#include "tasks/translate_data.h"

namespace carousel {

/// Trains into a run folder (made if missing), replacing a run that is there. sink may be null. Throws
/// SettingError, DataError, FileError, TrainingError.
TrainingResult train_translate(const TranslateSettings& settings, const RunFolder& folder, ThreadPool& pool,
                               RunSink* sink);

/// Goes on with a run from its last checkpoint, or from the beginning if there is none yet. The final model
/// has the same bytes as that of the run never stopped. Throws also ModelError; DataError where the pairs are
/// no longer those the run began with.
TrainingResult resume_translate(const RunFolder& folder, ThreadPool& pool, RunSink* sink);

/// Throws MissingData, with the advice, where a file that settings name is not there.
void require_pairs(const TranslateSettings& settings, const std::string& named_in);

}  // namespace carousel
