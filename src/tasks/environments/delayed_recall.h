// A bandit whose arm that pays is told long before it may be pulled: a cue, a delay full of cues that do not
// count, then one pull. Who remembers gets 1, who does not 1 / arms. A test of memory alone, in the manner of
// delayed match to sample and of the memory length of Osband et al. 2020, "Behaviour Suite for Reinforcement
// Learning", with distractors as in the long lags of Hochreiter & Schmidhuber 1997.
#pragma once

#include "tasks/environments/drawn_environment.h"

namespace carousel {

struct DelayedRecallOptions {
  std::size_t delay = 20;  ///< steps between the cue and the pull
  std::size_t arms = 2;    ///< at least 2
};

/// Acts: an arm. Sees [arms + 2]: 1 for the arm that is named, if one is, then 1 at the cue, then 1 at the
/// pull, all else 0. First comes the cue, then `delay` steps that name arms by chance, then the pull. Acts
/// before that do nothing and are worth 0; the pull ends the episode, 1 and success if the arm is that of the
/// cue, else 0. So an episode takes delay + 2 acts.
class DelayedRecall final : public DrawnEnvironment {
 public:
  explicit DelayedRecall(const DelayedRecallOptions& options = {}) : options_(options) {}

  std::size_t observations() const noexcept override { return options_.arms + 2; }
  ActionKind action_kind() const noexcept override { return ActionKind::discrete; }
  std::size_t actions() const noexcept override { return options_.arms; }
  void reset(std::uint64_t seed, std::span<float> observation) override;
  Step step(std::span<const float> action, std::span<float> observation) override;

  double best_return() const noexcept override { return 1; }
  Stage stage() const override;
  std::vector<DrawnShape> shapes() const override;

 private:
  /// The arm that is named at step 0 (the cue) to delay.
  std::size_t named(std::size_t step) const;
  bool at_pull() const noexcept { return steps_ == options_.delay + 1; }
  void see(std::span<float> observation) const;

  DelayedRecallOptions options_;
  std::uint64_t seed_ = 0;
  std::size_t steps_ = 0, pulled_ = 0;
};

}  // namespace carousel
