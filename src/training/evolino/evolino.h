// Evolino: evolution of recurrent systems with optimal linear output (Schmidhuber, Wierstra, Gagliolo &
// Gomez, "Training Recurrent Networks by Evolino", Neural Computation 19, 2007). The weights of hidden units
// evolve in enforced sub-populations, one a unit (subpopulations.h); what reads them out is solved for each
// network (linear_readout.h; Evoke: svm_readout.h), whose fitness is how well it does then. Where the best
// loss has not become smaller for some generations, all sub-populations burst out of the best network.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "base/thread_pool.h"
#include "training/evolino/readout.h"
#include "training/evolino/subpopulations.h"
#include "training/learner.h"

namespace carousel {

struct EvolinoOptions {
  SubpopulationOptions subpopulations;
  std::size_t stagnation = 20;  ///< generations without a better network before a burst; 0: never
};

/// The pool must outlive the learner.
template <class T>
struct EvolinoTask {
  AlignedVector<T> weights;         ///< that members begin around; those in no group and no readout stay
  std::vector<WeightGroup> groups;  ///< that evolve: evolved_groups(network)
  std::function<std::unique_ptr<Readout<T>>()> make_readout;
  ThreadPool& pool;
};

/// A step, and an epoch, is a generation. Its loss is the median of its networks', the validation loss, and
/// the weights that go with it, are those of its best network. A step throws TrainingError where no network
/// of a generation has a loss that is a number.
template <class T>
class Evolino final : public Learner<T> {
 public:
  /// Throws SettingError for options out of range.
  Evolino(EvolinoTask<T> task, const EvolinoOptions& options);

  std::string method() const override { return "evolino"; }
  std::size_t steps(std::size_t) const override { return 1; }
  LearningStep step(const LearningPlace& place) override;
  double validate() override { return judged_loss_; }
  std::span<const T> weights() const override { return judged_; }
  /// Of a generation.
  std::size_t networks() const noexcept { return subpopulations_.networks(); }
  void put(Checkpoint<T>& checkpoint) override;
  void take(const Checkpoint<T>& checkpoint) override;

 private:
  double judge(std::size_t generation, std::size_t network, std::size_t thread, std::span<T> weights);
  std::vector<double> judge(std::size_t generation);
  void keep_best(std::size_t generation, std::size_t network);

  EvolinoTask<T> task_;
  EvolinoOptions options_;
  Subpopulations<T> subpopulations_;
  std::vector<std::unique_ptr<Readout<T>>> readouts_;  // one a thread
  std::vector<AlignedVector<T>> networks_;             // one a thread
  AlignedVector<T> judged_;                            // the best network of the last generation
  double judged_loss_ = std::numeric_limits<double>::quiet_NaN();
  AlignedVector<T> best_;  // of all generations
  double best_loss_ = std::numeric_limits<double>::infinity();
  std::size_t stagnated_ = 0;  // generations since then, or since a burst
};

}  // namespace carousel
