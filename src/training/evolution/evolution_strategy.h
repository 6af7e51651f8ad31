// Evolution strategy over a weight vector w (Salimans, Ho, Chen, Sidor & Sutskever, "Evolution Strategies as
// a Scalable Alternative to Reinforcement Learning", 2017). A generation has n members in pairs p,
//
//     w + sigma e_p   and   w - sigma e_p,     e_p standard normal,
//
// whose losses are ranked: u = rank / (n - 1) - 1/2, the best -1/2, equal losses their mean rank. Then
//
//     g = 1 / (n sigma) sum_p (u_p+ - u_p-) e_p  +  weight_decay w
//
// is taken for a gradient, and the optimizer makes its step. e_p is a function of (seed, generation, p), so
// that whoever knows w and the seed can make any member, and nothing depends on which thread judges which.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>

#include "base/aligned.h"
#include "base/thread_pool.h"
#include "carousel/progress.h"
#include "training/checkpoint.h"
#include "training/evolution/objective.h"
#include "training/optimizer.h"
#include "training/schedule.h"
#include "training/trainer.h"

namespace carousel {

struct EvolutionStrategyOptions {
  std::size_t generations = 1000;
  std::size_t members = 64;  ///< of a generation: an even number, 2 to 2^20
  double deviation = 0.1;    ///< sigma
  double weight_decay = 0;
  OptimizerOptions optimizer;
  ScheduleOptions schedule = {.learning_rate = 0.03};
  /// Ends with the generation before whose members w itself has at most this loss.
  double target_loss = -std::numeric_limits<double>::infinity();
  double time_limit_seconds = 0;  ///< 0: none
  std::uint64_t seed = 0;
  std::string checkpoint_path;    ///< "": none is written
  double checkpoint_seconds = 5;  ///< least time between checkpoints; that of the run's end is always written
};

/// All but the weights must outlive the strategy; sink and on_best may be null.
template <class T>
struct EvolutionTask {
  AlignedVector<T> weights;  ///< to begin with
  std::function<std::unique_ptr<Objective<T>>()> make_objective;
  ThreadPool& pool;
  ProgressSink* sink = nullptr;
  /// As TrainingTask::on_best.
  std::function<void(std::span<const T> weights, const ProgressRecord&)> on_best = nullptr;
};

/// Member `member` of a generation into out, as long as the weights.
template <class T>
void evolution_member(std::span<const T> weights, const EvolutionStrategyOptions& options,
                      std::size_t generation, std::size_t member, std::span<T> out);

template <class T>
class EvolutionStrategy {
 public:
  /// Throws SettingError for options out of range.
  EvolutionStrategy(EvolutionTask<T> task, const EvolutionStrategyOptions& options);
  ~EvolutionStrategy();

  /// Goes on from a checkpoint of a run with the same settings, to the bit. Throws ModelError if it is of
  /// another run.
  void resume(const Checkpoint<T>& checkpoint);

  /// To be called once. An epoch is a generation. In its record the loss is the mean of its members under
  /// round generation + 1, and the validation loss that of w before its step, under round 0. Throws
  /// TrainingError where no member of a generation has a loss that is a number, or w none.
  TrainingResult run();
  /// w with the smallest loss under round 0.
  std::span<const T> best_weights() const noexcept;

 private:
  struct Run;
  std::unique_ptr<Run> run_;
};

}  // namespace carousel
