// Many environments that step together, for policy gradients.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "carousel/environment.h"
#include "tensor/tensor.h"

namespace carousel {

/// B environments, each a row with episodes of its own, one after the other without a gap: when one is over
/// the next has begun. The seed of an episode is a function of (seed, row, number of the episode in its row)
/// alone: what happens in a row depends on its own acts, and not on how many rows there are.
class EnvironmentBatch {
 public:
  /// Begins as reset(seed) does. Throws SettingError for no rows.
  EnvironmentBatch(const MakeEnvironment& make, std::size_t rows, std::uint64_t seed);

  std::size_t rows() const noexcept { return environments_.size(); }
  ActionKind action_kind() const noexcept { return environments_[0]->action_kind(); }
  /// As of each environment: choices, or numbers of an act.
  std::size_t actions() const noexcept { return environments_[0]->actions(); }

  /// Begins the first episode of another seed in each row.
  void reset(std::uint64_t seed);
  /// What each row sees now [B, observations].
  View<const float> observations() const noexcept { return seen_.matrix(); }
  /// actions: [B, 1] of discrete acts, else [B, actions()]; steps: [B]. Where steps[b].over, the row sees the
  /// beginning of its next episode, and a state that it had should be as at the beginning too. Allocates
  /// nothing. Throws Error for other shapes; what an environment throws leaves the batch to be reset.
  void step(View<const float> actions, std::span<Environment::Step> steps);

 private:
  void begin(std::size_t row);

  std::vector<std::unique_ptr<Environment>> environments_;
  Tensor<float> seen_;
  std::vector<std::uint64_t> episodes_;  // begun in each row
  std::uint64_t seed_ = 0;
};

}  // namespace carousel
