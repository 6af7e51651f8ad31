// Back-propagation through time: a batch forward, its loss, backward, the gradient clipped, the weights
// moved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/thread_pool.h"
#include "losses/loss.h"
#include "model/network.h"
#include "training/batch_runner.h"
#include "training/batch_source.h"
#include "training/learner.h"
#include "training/optimizer.h"
#include "training/schedule.h"
#include "training/trainee.h"
#include "training/weight_average.h"

namespace carousel {

struct BpttOptions {
  OptimizerOptions optimizer;
  ScheduleOptions schedule;
  double clip_norm = 0;   ///< largest Euclidean norm of a gradient; 0: any
  double average = 0;     ///< decay of the weights' running mean, which is what is judged and kept; 0: none
  std::size_t tbptt = 0;  ///< cuts a batch into chunks of so many steps, one update each; 0: whole
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
  std::uint64_t seed = 0;  ///< of dropout
};

/// What is trained, and on what. All must outlive the learner; validation may be null.
template <class T>
struct BpttTask {
  Trainee<T> model;
  const Loss<T>& loss;
  const BatchSource<T>& training;
  const BatchSource<T>* validation = nullptr;
  ThreadPool& pool;
};

/// A step is a batch, of as many updates as it has chunks with targets. NaN or Inf in a loss, a gradient or a
/// weight throws TrainingError naming batch and layer or parameter.
template <class T>
class Bptt final : public Learner<T> {
 public:
  /// Throws SettingError for options that cannot be honoured with this model and data.
  Bptt(const BpttTask<T>& task, const BpttOptions& options);

  std::string method() const override { return "bptt " + options_.optimizer.name; }
  std::size_t steps(std::size_t epoch) const override;
  LearningStep step(const LearningPlace& place) override;
  double validate() override;
  std::span<const T> weights() const override { return average_.has() ? average_.mean() : model_.weights(); }
  void epoch_done(double loss) override;
  void put(Checkpoint<T>& checkpoint) override;
  void take(const Checkpoint<T>& checkpoint) override;

 private:
  LearningStep learn_batch(const Batch<T>& data);
  void learn_chunk(const Sequences<T>& x, const Sequences<T>& targets, LearningStep& came);
  double change_weights();
  double validation_loss();
  [[noreturn]] void stop(const std::string& what) const;
  void require_finite_weights() const;

  BpttTask<T> task_;
  BpttOptions options_;
  Weighted<T>& model_;  // task_.model's
  std::unique_ptr<Optimizer<T>> optimizer_;
  std::unique_ptr<Schedule> schedule_;
  WeightAverage<T> average_;
  std::unique_ptr<BatchRunner<T>> runner_, validation_runner_;  // states are carried on in the first alone
  AlignedVector<T> gradient_;
  LearningPlace place_;                                  // of the step under way; its updates are counted on
  LossValue epoch_loss_;                                 // of the epoch under way
  double learning_rate_ = ProgressRecord::kNotMeasured;  // of the last update
};

}  // namespace carousel
