// Many environments side by side, for policy gradients.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "carousel/environment.h"
#include "tensor/tensor.h"

namespace carousel {

/// B environments, each a row with episodes of its own, one after the other without a gap: when one is over
/// the next has begun. The seed of an episode is a function of (seed, row, number of the episode in its row)
/// alone: what happens in a row depends on its own acts, and not on how many rows there are. Threads may step
/// different rows at a time.
class EnvironmentBatch {
 public:
  /// Begins as reset(seed) does. Throws SettingError for no rows.
  EnvironmentBatch(const MakeEnvironment& make, std::size_t rows, std::uint64_t seed);

  std::size_t rows() const noexcept { return environments_.size(); }
  ActionKind action_kind() const noexcept { return environments_[0]->action_kind(); }
  /// As of each environment: choices, or numbers of an act.
  std::size_t actions() const noexcept { return environments_[0]->actions(); }
  /// Numbers that an act is written with.
  std::size_t act_numbers() const noexcept { return action_kind() == ActionKind::discrete ? 1 : actions(); }

  /// Begins the first episode of another seed in each row.
  void reset(std::uint64_t seed);
  /// What each row sees now [B, observations].
  View<const float> observations() const noexcept { return seen_.matrix(); }
  /// The number of the episode under way in a row, from 0.
  std::uint64_t episode(std::size_t row) const noexcept { return episodes_[row]; }
  /// action: [act_numbers()]. Where the episode is over, the row sees the beginning of its next one, and a
  /// state that it had should be as at the beginning too. Allocates nothing. Throws Error for another size;
  /// what an environment throws leaves the row to be reset.
  Environment::Step step(std::size_t row, std::span<const float> action);
  /// Brings a row to where it was after these acts [n act_numbers()] of an episode, and returns the sum of
  /// what they brought. Throws Error if the episode is over before they are.
  double replay(std::size_t row, std::uint64_t episode, std::span<const float> acts);

 private:
  void begin(std::size_t row, std::uint64_t episode);

  std::vector<std::unique_ptr<Environment>> environments_;
  Tensor<float> seen_;
  std::vector<std::uint64_t> episodes_;
  std::uint64_t seed_ = 0;
};

}  // namespace carousel
