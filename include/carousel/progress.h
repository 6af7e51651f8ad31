// What a training run tells whoever watches it, and how it is asked to stop.
#pragma once

#include <cstddef>
#include <limits>
#include <string>

namespace carousel {

/// Where a run stands after a batch or an epoch.
struct ProgressRecord {
  /// Stands where there is nothing to report.
  static constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

  std::size_t epoch = 0;                  ///< the first is 1
  std::size_t epochs = 0;                 ///< at most so many
  std::size_t batch = 0;                  ///< batches done in this epoch
  std::size_t batches = 0;                ///< of this epoch
  std::size_t update = 0;                 ///< changes of the weights since the start
  double loss = kNotMeasured;             ///< mean over the batch, or over the epoch
  double validation_loss = kNotMeasured;  ///< after an epoch, where there is a validation part
  double gradient_norm = kNotMeasured;    ///< before clipping; after an epoch, the mean over its updates
  double learning_rate = kNotMeasured;    ///< of the last update
  double sequences_per_second = 0;        ///< in this epoch
  double fraction = 0;                    ///< of the run that is done, in [0, 1]; never falls
  double seconds = 0;                     ///< of training; a resumed run counts on
  bool best = false;                      ///< after an epoch: these weights are the best so far
};

/// Receives records while a run goes on, on the thread that trains. What it throws ends the run.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  /// A batch has been learnt from.
  virtual void on_batch(const ProgressRecord& record) { (void)record; }
  /// An epoch is over and has been validated.
  virtual void on_epoch(const ProgressRecord& record) { (void)record; }
  /// A checkpoint has been written whole.
  virtual void on_checkpoint(const std::string& path) { (void)path; }
  /// Asked after each batch. True: the run saves a checkpoint and returns.
  virtual bool should_stop() { return false; }
};

}  // namespace carousel
