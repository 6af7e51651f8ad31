// A run of back-propagation through time over batches, from the first weights to the best.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "carousel/progress.h"
#include "training/bptt.h"
#include "training/learning_run.h"
#include "training/training_result.h"

namespace carousel {

struct TrainingOptions : BpttOptions {
  std::size_t epochs = 100;
  std::size_t patience = 0;       ///< stops after so many epochs without a better validation loss; 0: never
  double time_limit_seconds = 0;  ///< 0: none. The epoch under way ends early
  std::size_t updates_per_epoch = 0;  ///< an epoch ends with the batch that reaches so many; 0: with its last
  std::string checkpoint_path;        ///< "": none is written
  /// Least time between checkpoints, which come at the end of a batch or an epoch. Those of the first epoch's
  /// end and of the run's end are always written.
  double checkpoint_seconds = 5;
};

/// What is trained, on what, and who is told. All must outlive the Trainer; validation and sink may be null.
template <class T>
struct TrainingTask {
  Trainee<T> model;
  const Loss<T>& loss;
  const BatchSource<T>& training;
  const BatchSource<T>* validation = nullptr;
  ThreadPool& pool;
  ProgressSink* sink = nullptr;
  /// Called before a checkpoint is written (or would be, without a path) if the best weights are new since
  /// the last call: the place to write the model file. Without validation, each epoch's are the best.
  std::function<void(std::span<const T> weights, const ProgressRecord&)> on_best = nullptr;
};

template <class T>
class Trainer {
 public:
  /// Throws SettingError for options that cannot be honoured with this model and data.
  Trainer(const TrainingTask<T>& task, const TrainingOptions& options);

  /// Goes on from a checkpoint of a run with the same settings: the final weights are, to the bit, those of
  /// the run never stopped. Throws ModelError if the checkpoint is of another network or optimizer.
  void resume(const Checkpoint<T>& checkpoint) { run_.resume(checkpoint); }

  /// Trains; to be called once. Afterwards the model holds the best weights (where no epoch was finished,
  /// the latest; where training failed and none was, the first). NaN or Inf in a loss, a gradient or a weight
  /// throws TrainingError naming batch, layer and last checkpoint.
  TrainingResult run();

 private:
  Weighted<T>& model_;
  Bptt<T> learner_;
  LearningRun<T> run_;
};

}  // namespace carousel
