// Back-propagation through time over batches: forward, loss, backward, clip, update.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "carousel/progress.h"
#include "losses/loss.h"
#include "model/network.h"
#include "training/batch_runner.h"
#include "training/batch_source.h"
#include "training/checkpoint.h"
#include "training/optimizer.h"
#include "training/schedule.h"
#include "training/trainee.h"
#include "training/training_result.h"

namespace carousel {

struct TrainingOptions {
  std::size_t epochs = 100;
  OptimizerOptions optimizer;
  ScheduleOptions schedule;
  double clip_norm = 0;      ///< largest Euclidean norm of a gradient; 0: any
  std::size_t patience = 0;  ///< stops after so many epochs without a better validation loss; 0: never
  std::size_t tbptt = 0;     ///< cuts a batch into chunks of so many steps, one update each; 0: whole
  /// A multiple of tbptt: the gradient of a chunk's errors goes back through the chunks before it as well, so
  /// many steps in all, and windows overlap: Williams & Peng 1990, k1 = tbptt, k2 = tbptt_back. A window
  /// begins with the states that were left there, and its steps are computed anew with the present weights.
  /// 0: to the chunk's beginning.
  std::size_t tbptt_back = 0;
  std::size_t truncate = 0;  ///< cuts the gradient every so many steps (Pass::truncate); 0: never
  bool recompute = false;    ///< less memory for long sequences (training/recomputation.h)
  /// Scheduled sampling, of an encoder-decoder: how often, after all epochs, its decoder is given what
  /// it drew itself in place of the target's symbol. Grows in a line from 0 (Bengio, Vinyals, Jaitly &
  /// Shazeer, NIPS 2015, 2.4).
  double sampling = 0;
  double time_limit_seconds = 0;      ///< 0: none. The epoch under way ends early
  std::size_t updates_per_epoch = 0;  ///< an epoch ends with the batch that reaches so many; 0: with its last
  std::uint64_t seed = 0;             ///< of dropout
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
  Trainer(TrainingTask<T> task, TrainingOptions options);
  ~Trainer();

  /// Goes on from a checkpoint of a run with the same settings: the final weights are, to the bit, those of
  /// the run never stopped. Throws ModelError if the checkpoint is of another network or optimizer.
  void resume(const Checkpoint<T>& checkpoint);

  /// Trains; to be called once. Afterwards the model holds the best weights (where no epoch was finished,
  /// the latest). NaN or Inf in a loss, a gradient or a weight throws TrainingError naming batch, layer and
  /// last checkpoint.
  TrainingResult run();

 private:
  struct Run;
  std::unique_ptr<Run> run_;
};

}  // namespace carousel
