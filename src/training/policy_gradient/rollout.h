// What networks that act went through, as they learn from it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/thread_pool.h"
#include "model/network.h"
#include "training/checkpoint.h"
#include "training/policy_gradient/environment_batch.h"
#include "training/policy_gradient/policy.h"

namespace carousel {

/// What happened in one row of environments in n steps, one episode after the other.
template <class T>
struct Rollout {
  std::vector<T> state;         ///< of the network, before the first step
  bool begins = true;           ///< whether an episode begins with the first step
  std::vector<T> x;             ///< [n, inputs] what was seen
  std::vector<T> y;             ///< [n, outputs] what the network put out: the policy's outputs and the value
  std::vector<float> acts;      ///< [n, numbers]
  std::vector<double> rewards;  ///< [n]
  std::vector<std::uint8_t> over;  ///< [n] whether an episode was over after the step
  double next_value = 0;           ///< of what is seen after the last step, where its episode goes on
  std::vector<double> returns;     ///< of the episodes that ended, whole, with what they brought before

  std::size_t steps() const noexcept { return rewards.size(); }
  void clear() { x.clear(), y.clear(), acts.clear(), rewards.clear(), over.clear(), returns.clear(); }
};

/// Networks that act in B rows of environments. A row's acts are drawn by random numbers that are a function
/// of (seed, row, episode, step); threads have rows of their own, and show in the time only.
template <class T>
class Actors {
 public:
  /// Network, policy and pool must outlive it. The network puts out what the policy reads, and a value.
  Actors(const Network<T>& network, const Policy<T>& policy, const MakeEnvironment& make, std::size_t rows,
         std::uint64_t seed, ThreadPool& pool);
  ~Actors();

  /// Plays so many steps in each row, from where the last call stopped; with 0 one episode in each, from its
  /// beginning. Throws TrainingError where the network puts out what is no number.
  const std::vector<Rollout<T>>& play(std::size_t steps);

  /// Where the rows stand between two calls: vectors "acting.state" and "acting.acts", numbers
  /// "acting.episode.ROW" and "acting.acts.ROW".
  void put(Checkpoint<T>& checkpoint) const;
  /// The inverse. Throws ModelError, and has changed nothing, where something is missing or does not fit.
  void take(const Checkpoint<T>& checkpoint);

 private:
  /// What is known of the episode under way in a row.
  struct Life {
    std::vector<float> acts;
    double sum = 0;  // of rewards
  };
  struct Stage;

  void play(Stage& stage, std::size_t steps);
  void begin(std::size_t row);
  /// What the network puts out in these rows: x, y and the states after it, in the stage.
  void look(Stage& stage);
  /// One step of a row, which stands at `place` in the stage.
  void act(Stage& stage, std::size_t place);

  const Network<T>& network_;
  const Policy<T>& policy_;
  MakeEnvironment make_;
  std::uint64_t seed_;
  ThreadPool& pool_;
  EnvironmentBatch environments_;
  Tensor<T> states_;  // [B, state_size]
  std::vector<Life> lives_;
  std::vector<Rollout<T>> rollouts_;
  std::vector<std::unique_ptr<Stage>> stages_;  // one a thread
};

}  // namespace carousel
