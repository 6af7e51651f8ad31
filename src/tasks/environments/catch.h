// A ball falls on a grid and is to be caught with a paddle (Mnih, Heess, Graves & Kavukcuoglu 2014,
// "Recurrent Models of Visual Attention"; size and rewards of Osband et al. 2020, "Behaviour Suite for
// Reinforcement Learning"). Frames may blink, as those of Hausknecht & Stone 2015, "Deep Recurrent Q-Learning
// for Partially Observable MDPs": then ball and paddle have to be remembered.
#pragma once

#include "tasks/environments/drawn_environment.h"

namespace carousel {

struct CatchOptions {
  std::size_t rows = 10, columns = 5;  ///< at least 2 and 1; columns / 2 < rows, or some balls are lost
  double blink = 0;                    ///< with which probability a frame is blank
};

/// Acts: 0 moves the paddle to the left, 1 leaves it, 2 moves it to the right, at most to the edge; then the
/// ball falls by one row. It begins in the top row in any column, the paddle in the middle of the bottom row.
/// Sees the grid [rows * columns], from the top: 1 where ball or paddle is, else 0. The episode is over when
/// the ball is at the bottom: 1 and success if the paddle is there, -1 if it is not; until then 0.
class Catch final : public DrawnEnvironment {
 public:
  explicit Catch(const CatchOptions& options = {}) : options_(options) {}

  std::size_t observations() const noexcept override { return options_.rows * options_.columns; }
  ActionKind action_kind() const noexcept override { return ActionKind::discrete; }
  std::size_t actions() const noexcept override { return 3; }
  void reset(std::uint64_t seed, std::span<float> observation) override;
  Step step(std::span<const float> action, std::span<float> observation) override;

  double best_return() const noexcept override { return 1; }
  Stage stage() const override;
  std::vector<DrawnShape> shapes() const override;

 private:
  void see(std::span<float> observation);

  CatchOptions options_;
  std::uint64_t seed_ = 0;
  std::size_t ball_ = 0, paddle_ = 0;  // columns
  std::size_t row_ = 0;                // of the ball, from the top
  bool blank_ = false;
};

}  // namespace carousel
