// Trains a model of a job on examples into a run folder, and goes on with one that was stopped.
#pragma once

#include "base/thread_pool.h"
#include "tasks/sequence_model.h"
#include "tasks/training_run.h"

namespace carousel {

/// The number that a job minimises; classes weigh by how often the training part has them, where the settings
/// say so.
LossPointer<float> sequence_loss(const SequenceData& data);

/// Trains into a run folder (made if missing), replacing a run that is there. sink may be null. Throws
/// SettingError, DataError, FileError, TrainingError.
TrainingResult train_sequences(const SequenceSettings& settings, const RunFolder& folder, ThreadPool& pool,
                               RunSink* sink);

/// Goes on with a run from its last checkpoint, or from the beginning if there is none yet. The final model
/// has the same bytes as that of the run never stopped. Throws also ModelError; DataError where the data is
/// no longer what the run began with.
TrainingResult resume_sequences(SequenceJob job, const RunFolder& folder, ThreadPool& pool, RunSink* sink);

/// The settings of a run.toml, of a job.
SequenceSettings read_sequence_settings(SequenceJob job, const std::string& path);

}  // namespace carousel
