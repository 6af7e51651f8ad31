// Policy gradients: a network whose outputs say how likely acts are, and one more output how much is still to
// come, changed so that what brought more than expected becomes likelier. Recurrent: a state is kept through
// an episode, and gradients go back through time.
//
//   reinforce  whole episodes, one in each row, advantages the returns less the values (Williams, Machine
//              Learning 8, 1992; with memory: Wierstra, Foerster, Peters & Schmidhuber, "Solving Deep Memory
//              POMDPs with Recurrent Policy Gradients", ICANN 2007)
//   a2c        so many steps in each row, then one update; generalised advantages (Mnih et al., "Asynchronous
//              Methods for Deep Reinforcement Learning", ICML 2016, without the asynchrony)
//   ppo        the same with several passes over what was done, which may go only so far (Schulman, Wolski,
//              Dhariwal, Radford & Klimov, "Proximal Policy Optimization Algorithms", 2017)
//
// The loss is in policy_loss.h, the advantages in advantages.h, what outputs mean in policy.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "training/learner.h"
#include "training/optimizer.h"
#include "training/policy_gradient/policy_loss.h"
#include "training/policy_gradient/rollout.h"
#include "training/schedule.h"

namespace carousel {

/// Each algorithm reads the settings named with it; the others are of all.
struct PolicyGradientOptions {
  std::string algorithm = "ppo";  ///< reinforce, a2c, ppo
  std::size_t rows = 16;          ///< environments that are played side by side, 1 to 1024
  /// a2c, ppo: of a rollout, in each row; episodes go on from one to the next, gradients do not. 0: one whole
  /// episode in each row, as reinforce has it.
  std::size_t steps = 128;
  double discount = 0.99;                  ///< of a reward for each step that it is away, 0 to 1
  double lambda = 0.95;                    ///< a2c, ppo: 0 to 1, of the generalised advantages
  PolicyLossOptions loss = {.clip = 0.2};  ///< clip: ppo
  std::size_t passes = 4;                  ///< ppo: over a rollout
  std::size_t minibatches = 4;             ///< ppo: updates of a pass, each of so many of the rows
  bool normalise_advantages = true;        ///< ppo: over a rollout, to mean 0 and deviation 1
  double deviation = 0;                    ///< of continuous acts; 0: learned, see policy.h
  double clip_norm = 0.5;                  ///< largest norm of a gradient; 0: any
  std::size_t rollouts = 10;               ///< of an epoch
  std::size_t evaluation_episodes = 20;    ///< of validate(), acted greedily; 0: none
  OptimizerOptions optimizer;
  ScheduleOptions schedule = {.learning_rate = 3e-3};
  std::uint64_t seed = 0;
};

/// Outputs that a network for such an environment must have: of discrete acts one for each and the value, of
/// continuous ones the means, with deviation 0 as many more for the deviations, and the value.
std::size_t policy_outputs(const Environment& environment, double deviation);

/// Network and pool must outlive the learner, and nobody else changes the network meanwhile.
template <class T>
struct PolicyGradientTask {
  Network<T>& network;
  MakeEnvironment make_environment;
  ThreadPool& pool;
};

/// A step is a rollout and its updates; its loss is minus the sum of the returns of the episodes that ended
/// in it, the validation loss minus the mean return of episodes with the seeds 0, 1, ..., acted greedily. A
/// step throws TrainingError where outputs or gradients are no numbers. Dropout, if the network has any, acts
/// while it learns and not while it acts.
template <class T>
class PolicyGradient final : public Learner<T> {
 public:
  /// Throws SettingError for options out of range and a network that does not fit.
  PolicyGradient(PolicyGradientTask<T> task, const PolicyGradientOptions& options);

  std::string method() const override {
    return "policy_gradient " + options_.algorithm + " " + options_.optimizer.name;
  }
  std::size_t steps(std::size_t) const override { return options_.rollouts; }
  LearningStep step(const LearningPlace& place) override;
  double validate() override;
  std::span<const T> weights() const override { return task_.network.weights(); }
  void epoch_done(double loss) override { schedule_->epoch_done(loss); }
  void put(Checkpoint<T>& checkpoint) override;
  void take(const Checkpoint<T>& checkpoint) override;

 private:
  void judge(const std::vector<Rollout<T>>& rollouts);
  void normalise_advantages();
  /// One update from these rows; the norm of its gradient.
  double update(const LearningPlace& place, const std::vector<Rollout<T>>& rollouts,
                std::span<const std::size_t> rows, double rate);

  PolicyGradientTask<T> task_;
  PolicyGradientOptions options_;
  std::unique_ptr<Policy<T>> policy_;
  Actors<T> actors_;
  std::unique_ptr<Optimizer<T>> optimizer_;
  std::unique_ptr<Schedule> schedule_;
  PolicyLoss<T> loss_;
  PolicyBatch<T> batch_;
  std::vector<Judgement<T>> judgements_;
  AlignedVector<T> gradient_;
};

}  // namespace carousel
