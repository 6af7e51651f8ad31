// A corridor with a crossing at its end, and a sign at its beginning that says which way to turn there
// (Bakker 2002, "Reinforcement Learning with Long Short-Term Memory", sec. 4; Wierstra, Foerster, Peters &
// Schmidhuber 2007, "Solving Deep Memory POMDPs with Recurrent Policy Gradients"): who walks straight on has
// to remember it for as many steps as the corridor is long.
#pragma once

#include "tasks/environments/drawn_environment.h"

namespace carousel {

struct TMazeOptions {
  std::size_t length = 50;     ///< steps from the beginning to the crossing, at least 1
  std::size_t longest = 1020;  ///< steps of an episode
  bool noise = false;          ///< in the corridor
};

/// Acts: 0 north, 1 east, 2 south, 3 west. Sees 011 at the beginning where the goal is north, 110 where it is
/// south, 101 in the corridor and 010 at the crossing; with noise a0b in the corridor, a and b uniform in
/// [0, 1) at each step; 000 when it has turned. A right turn at the crossing is worth 4, a wrong one -0.1,
/// and both end the episode; standing still, which is to walk into a wall, is worth -0.1, all else 0. Success
/// is a right turn.
class TMaze final : public DrawnEnvironment {
 public:
  enum Act : std::size_t { north, east, south, west };

  explicit TMaze(const TMazeOptions& options = {}) : options_(options) {}

  std::size_t observations() const noexcept override { return 3; }
  ActionKind action_kind() const noexcept override { return ActionKind::discrete; }
  std::size_t actions() const noexcept override { return 4; }
  void reset(std::uint64_t seed, std::span<float> observation) override;
  Step step(std::span<const float> action, std::span<float> observation) override;

  double best_return() const noexcept override { return kRight; }
  Stage stage() const override;
  std::vector<DrawnShape> shapes() const override;

  static constexpr double kRight = 4, kWrong = -0.1, kStill = -0.1;

 private:
  void see(std::span<float> observation) const;
  Step turn(Act way);
  /// Whether there was no wall.
  bool walk(Act way);

  TMazeOptions options_;
  std::uint64_t seed_ = 0;
  Act goal_ = north;
  std::size_t place_ = 0, steps_ = 0;
  int arm_ = 0;  // 1 north of the crossing, -1 south of it
};

}  // namespace carousel
