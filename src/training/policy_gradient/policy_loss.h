// What a policy gradient makes small, and its derivative on the weights by back-propagation through time.
//
// With the log-probability log p_t of what was done at step t, its advantage A_t, the value v_t that the
// network puts out, the return R_t that it should have and the entropy H_t of the acts it could have done,
// a step's loss is
//
//     -A_t log p_t                                            REINFORCE, A2C
//     -min(r_t A_t, cut(r_t, 1 - clip, 1 + clip) A_t)         PPO, r_t = p_t / p_t when it was done
//     + value_weight (v_t - R_t)^2 - entropy_weight H_t
//
// Williams, Machine Learning 8, 1992; Wierstra, Foerster, Peters & Schmidhuber, ICANN 2007; Mnih et al., ICML
// 2016; Schulman, Wolski, Dhariwal, Radford & Klimov, "Proximal Policy Optimization Algorithms", 2017, eq. 7
// and 9.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "model/network.h"
#include "training/policy_gradient/policy.h"
#include "training/policy_gradient/rollout.h"

namespace carousel {

struct PolicyLossOptions {
  double value_weight = 0.5;
  double entropy_weight = 0.01;
  double clip = 0;  ///< of PPO; 0: not PPO
};

/// What a rollout is worth as something to learn from; each [steps].
template <class T>
struct Judgement {
  std::vector<T> log_probabilities;  ///< of its acts, when they were done
  std::vector<T> advantages;         ///< of its acts
  std::vector<T> returns;            ///< that its values should have been
};

/// Advantages as estimate_advantages() makes them, returns as those and the values together.
template <class T>
void judge_rollout(const Rollout<T>& rollout, const Policy<T>& policy, double discount, double lambda,
                   Judgement<T>& out);

/// Rollouts as one batch: a sequence for each stretch between the ends of episodes, from its own state.
template <class T>
class PolicyBatch {
 public:
  /// Of these rollouts of a network.
  void assemble(const Network<T>& network, const std::vector<Rollout<T>>& rollouts,
                const std::vector<Judgement<T>>& judgements, std::span<const std::size_t> chosen);
  std::size_t steps() const noexcept { return x_.rows(); }

 private:
  template <class>
  friend class PolicyLoss;
  LayoutPointer cut(const std::vector<Rollout<T>>& rollouts, std::span<const std::size_t> chosen);

  struct Stretch {
    std::size_t row, begin;  // rollout and first step
    bool begins;             // whether an episode does
  };
  std::vector<Stretch> stretches_;
  Sequences<T> x_;
  Tensor<T> state_;  // before each
  // In the storage order of x:
  Tensor<float> acts_;
  Judgement<T> judgement_;
};

/// Buffers of such passes.
template <class T>
class PolicyLoss {
 public:
  /// Both must outlive it.
  PolicyLoss(const Network<T>& network, const Policy<T>& policy)
      : network_(network), policy_(policy), trace_(network.make_trace()) {}

  /// The sum of the steps' losses divided by `divisor`; overwrites gradient (laid out like the weights) with
  /// its derivative.
  double gradient(const Pass& pass, const PolicyBatch<T>& batch, const PolicyLossOptions& options,
                  double divisor, std::span<T> gradient);

 private:
  /// Of y_, and its derivative into dy_.
  double evaluate(const PolicyBatch<T>& batch, const PolicyLossOptions& options, T scale);

  const Network<T>& network_;
  const Policy<T>& policy_;
  std::unique_ptr<Trace<T>> trace_;
  Sequences<T> y_, dy_;
  Tensor<T> state_, dstate_;
  ActLikelihood<T> likelihood_;
};

}  // namespace carousel
