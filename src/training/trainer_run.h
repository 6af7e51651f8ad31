// What a Trainer is made of: the state of a run. trainer.cpp moves it on, trainer_checkpoint.cpp keeps it.
#pragma once

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "training/trainer.h"

namespace carousel {

/// Sums over the epoch under way.
struct EpochSums {
  LossValue loss;
  double norms = 0;  // of the gradients of all updates
  std::size_t updates = 0;
  std::size_t sequences = 0;
  double began = 0;  // seconds of training when the epoch began
};

template <class T>
struct Trainer<T>::Run {
  TrainingTask<T> task;
  TrainingOptions options;
  Weighted<T>& model;  // task.model's
  std::unique_ptr<Optimizer<T>> optimizer;
  std::unique_ptr<Schedule> schedule;
  std::unique_ptr<BatchRunner<T>> runner, validation_runner;  // states are carried on in the first alone
  AlignedVector<T> gradient;

  // What a checkpoint holds, beside weights, optimizer, schedule and states.
  std::size_t epoch = 0, batch = 0, update = 0;  // done; batch: in the epoch under way
  EpochSums sums;
  AlignedVector<T> best_weights;
  bool best_is_new = false;  // on_best has not been told
  std::size_t best_epoch = 0;
  double best_loss = std::numeric_limits<double>::infinity();
  std::size_t waited = 0;  // epochs since the best
  double learning_rate = ProgressRecord::kNotMeasured, gradient_norm = ProgressRecord::kNotMeasured;
  double fraction = 0;
  double seconds_before = 0;  // of training before this process
  std::vector<ProgressRecord> history;

  std::size_t batches = 0;  // of the epoch under way
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now(), last_save = start;
  std::string last_good = "none: the first epoch was not finished";

  Run(TrainingTask<T> what, TrainingOptions how);

  std::string method() const { return "bptt " + options.optimizer.name; }
  static double since(Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  }
  double seconds() const { return seconds_before + since(start); }
  bool out_of_time() const {
    return options.time_limit_seconds > 0 && seconds() >= options.time_limit_seconds;
  }

  StopReason train();
  bool train_epoch();
  LossValue train_batch(const Batch<T>& data);
  LossValue train_chunk(const Sequences<T>& x, const Sequences<T>& targets);
  void change_weights();
  void end_epoch();

  double epoch_fraction() const;
  double run_fraction() const;
  ProgressRecord record();
  [[noreturn]] void stop(const std::string& what) const;
  void require_finite_weights() const;

  /// What goes into a checkpoint as it is.
  std::vector<std::pair<const char*, double*>> numbers() {
    return {{"best_loss", &best_loss},   {"sums.loss", &sums.loss.sum},     {"sums.norms", &sums.norms},
            {"sums.began", &sums.began}, {"learning_rate", &learning_rate}, {"gradient_norm", &gradient_norm},
            {"fraction", &fraction}};
  }
  std::vector<std::pair<const char*, std::size_t*>> counts() {
    return {{"best_epoch", &best_epoch},
            {"waited", &waited},
            {"sums.targets", &sums.loss.count},
            {"sums.updates", &sums.updates},
            {"sums.sequences", &sums.sequences}};
  }
  Checkpoint<T> checkpoint();
  void restore(const Checkpoint<T>& from);
  void save();
};

}  // namespace carousel
