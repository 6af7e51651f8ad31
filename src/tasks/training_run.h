// What training into a run folder is, whatever the task: settings, log, checkpoint, model.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "carousel/progress.h"
#include "tasks/run_folder.h"
#include "tasks/training_settings.h"
#include "training/checkpoint.h"
#include "training/learner.h"
#include "training/trainer.h"

namespace carousel {

/// Is told, before the first batch, what training was set up with: a line each about data, task, network and
/// parts; and what of the data was left out, lines of the same kind. Then as ProgressSink.
class RunSink : public ProgressSink {
 public:
  virtual void on_plan(const std::vector<std::string>& lines) { (void)lines; }
  virtual void on_left_out(const std::vector<std::string>& lines) { (void)lines; }
};

/// Makes the folder, if it is missing, and takes a run out of it that is there. settings: the text of
/// run.toml. Throws FileError.
void begin_run(const RunFolder& folder, const std::string& settings);

/// The checkpoint that the run of a folder goes on from, and its log as it was then; none if the run was
/// stopped before its first. Throws FileError, ModelError.
std::optional<Checkpoint<float>> continue_run(const RunFolder& folder);

/// All must outlive train_run; validation and sink may be null.
struct RunParts {
  Trainee<float> model;
  const Loss<float>& loss;
  const BatchSource<float>& training;
  const BatchSource<float>* validation;
  /// Writes the model file, with these weights.
  std::function<void(std::span<const float> weights)> save;
  double sampling = 0;  ///< TrainingOptions::sampling
};

/// Trains, by the method of the settings, from the beginning or from a checkpoint, keeps the log, and writes
/// the model whenever it is the best so far. Throws as Trainer, or LearningRun; SettingError for a method
/// that the model or its loss cannot be learned by.
TrainingResult train_run(const RunParts& parts, const TrainingSettings& settings, const RunFolder& folder,
                         ThreadPool& pool, RunSink* sink, const Checkpoint<float>* from);

/// The same for a Learner of a weight vector.
struct LearningParts {
  const TrainingSettings& settings;
  double target_loss;  ///< LearningRunOptions::target_loss
  /// Writes the model file, with these weights.
  std::function<void(std::span<const float> weights)> save;
};

/// Leads the learner from the beginning or from a checkpoint, keeps the log, and writes the model whenever it
/// is the best so far. Throws as LearningRun.
TrainingResult learn_run(Learner<float>& learner, const LearningParts& parts, const RunFolder& folder,
                         RunSink* sink, const Checkpoint<float>* from);

/// The losses of all epochs of a run, from its log. Throws FileError, DataError.
std::vector<ProgressRecord> read_log(const std::string& run_folder);

}  // namespace carousel
