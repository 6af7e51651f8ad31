// Leads a Learner through its epochs: tells how it goes, keeps the best weights, writes checkpoints, and
// ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>

#include "carousel/progress.h"
#include "training/checkpoint.h"
#include "training/learner.h"
#include "training/training_result.h"

namespace carousel {

struct LearningRunOptions {
  std::size_t epochs = 100;           ///< from 1
  std::size_t updates_per_epoch = 0;  ///< an epoch ends with the step that reaches so many; 0: with its last
  std::size_t patience = 0;  ///< stops after so many epochs without a better validation loss; 0: never
  /// Ends with the epoch whose loss, on the validation part where there is one, is at most this.
  double target_loss = -std::numeric_limits<double>::infinity();
  double time_limit_seconds = 0;     ///< 0: none
  std::uint64_t seed = 0;            ///< of the learner; a checkpoint of another seed is refused
  std::string checkpoint_path = {};  ///< "": none is written
  /// Least time between checkpoints; those of the first epoch's end and of the run's end are always written.
  double checkpoint_seconds = 5;
};

/// Who is told. All may be null.
template <class T>
struct LearningWatch {
  ProgressSink* sink = nullptr;
  /// Called before a checkpoint is written (or would be, without a path) if the best weights are new since
  /// the last call: the place to write the model file.
  std::function<void(std::span<const T> weights, const ProgressRecord&)> on_best = nullptr;
};

template <class T>
class LearningRun {
 public:
  /// The learner must outlive it. Throws SettingError for options out of range.
  LearningRun(Learner<T>& learner, LearningRunOptions options, LearningWatch<T> watch = {});
  ~LearningRun();

  /// Goes on from a checkpoint of a run with the same settings, to the bit. Throws ModelError if it is of
  /// another run.
  void resume(const Checkpoint<T>& checkpoint);

  /// To be called once. Where the learner throws TrainingError, so does it, with epoch and last good state.
  TrainingResult run();
  /// Those of the epoch with the smallest validation loss (without validation: of the last); to begin with,
  /// the learner's.
  std::span<const T> best_weights() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace carousel
