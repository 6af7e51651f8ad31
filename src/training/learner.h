// A way to learn, step by step: what it does to a weight vector, and what it needs to go on. When it stops,
// what is best and what is kept belongs to the LearningRun that leads it.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>

#include "carousel/progress.h"
#include "training/checkpoint.h"

namespace carousel {

/// Where a run stands before a step.
struct LearningPlace {
  std::size_t epoch = 0;   ///< done
  std::size_t step = 0;    ///< of this epoch, done
  std::size_t update = 0;  ///< of the weights, done since the start
  double fraction = 0;     ///< of the run, [0, 1)
};

/// What came of a step.
struct LearningStep {
  double loss = 0;                                      ///< summed over what it was measured on
  std::size_t count = 0;                                ///< of what it was measured on; 0: nothing was
  std::size_t sequences = 0;                            ///< learned from: examples, episodes or members
  std::size_t updates = 1;                              ///< of the weights
  double gradient_norm = ProgressRecord::kNotMeasured;  ///< of one; of several their mean
  double learning_rate = ProgressRecord::kNotMeasured;
};

template <class T>
class Learner {
 public:
  virtual ~Learner() = default;
  /// Its name and what a checkpoint of it cannot do without, such as "evolution_strategy adam".
  virtual std::string method() const = 0;
  /// Steps of an epoch, at least 1. A step is what an interrupted run finishes: some seconds at most.
  virtual std::size_t steps(std::size_t epoch) const = 0;
  /// Learns. A function of the place and of what is kept by put(). Throws TrainingError where numbers fail.
  virtual LearningStep step(const LearningPlace& place) = 0;
  /// At the end of an epoch: the loss on what is not learned from, NaN where there is no such thing.
  virtual double validate() { return ProgressRecord::kNotMeasured; }
  /// Those that validate() judges.
  virtual std::span<const T> weights() const = 0;
  /// After validate(), with its loss or, where there is none, the mean of the steps'.
  virtual void epoch_done(double loss) { (void)loss; }
  /// Puts all that further steps depend on into a checkpoint.
  virtual void put(Checkpoint<T>& checkpoint) = 0;
  /// The inverse. Throws ModelError, and has changed nothing, where a part is missing or of another size.
  virtual void take(const Checkpoint<T>& checkpoint) = 0;
};

}  // namespace carousel
