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
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "training/evolution/judges.h"
#include "training/learner.h"
#include "training/optimizer.h"
#include "training/schedule.h"

namespace carousel {

struct EvolutionStrategyOptions {
  std::size_t members = 64;  ///< of a generation: an even number, 2 to 2^20
  double deviation = 0.1;    ///< sigma
  double weight_decay = 0;
  OptimizerOptions optimizer;
  ScheduleOptions schedule = {.learning_rate = 0.03};
  std::uint64_t seed = 0;
};

/// Member `member` of a generation into out, as long as the weights.
template <class T>
void evolution_member(std::span<const T> weights, const EvolutionStrategyOptions& options,
                      std::size_t generation, std::size_t member, std::span<T> out);

/// A step, and an epoch, is a generation. Its loss is the mean of its members under round generation + 1; the
/// validation loss, and the weights that go with it, are those of w before its step, under round 0. A step
/// throws TrainingError where no member of a generation has a loss that is a number, or w none.
template <class T>
class EvolutionStrategy final : public Learner<T> {
 public:
  /// Throws SettingError for options out of range.
  EvolutionStrategy(EvolutionTask<T> task, const EvolutionStrategyOptions& options);

  std::string method() const override { return "evolution_strategy " + options_.optimizer.name; }
  std::size_t steps(std::size_t) const override { return 1; }
  LearningStep step(const LearningPlace& place) override;
  double validate() override { return centre_; }
  std::span<const T> weights() const override { return judged_; }
  void epoch_done(double loss) override { schedule_->epoch_done(loss); }
  void put(Checkpoint<T>& checkpoint) override;
  void take(const Checkpoint<T>& checkpoint) override;

 private:
  std::vector<double> judge(std::size_t generation);
  void estimate_gradient(std::size_t generation, const std::vector<double>& ranks);

  EvolutionTask<T> task_;
  EvolutionStrategyOptions options_;
  std::unique_ptr<Optimizer<T>> optimizer_;
  std::unique_ptr<Schedule> schedule_;
  Judges<T> judges_;
  AlignedVector<T> gradient_, judged_;
  double centre_ = std::numeric_limits<double>::quiet_NaN();  // loss of judged_
};

}  // namespace carousel
