// A pole on a cart, to be kept upright by pushing the cart (Barto, Sutton & Anderson 1983, "Neuronlike
// Adaptive Elements That Can Solve Difficult Learning Control Problems"; without friction and with the limits
// of the CartPole of Brockman et al. 2016, "OpenAI Gym"). With x the cart's place, theta the pole's angle
// from upright, F the force,
//
//     p       = (F + m l theta'^2 sin theta) / (M + m)
//     theta'' = (g sin theta - p cos theta) / (l (4/3 - m cos^2 theta / (M + m)))
//     x''     = p - m l theta'' cos theta / (M + m)
//
// g = 9.8, M = 1, m = 0.1, l = 0.5 (half the length); Euler's method in steps of 0.02 s, one for each act.
#pragma once

#include <array>

#include "tasks/environments/drawn_environment.h"

namespace carousel {

struct CartPoleOptions {
  bool velocities = false;                 ///< whether they are seen, too
  ActionKind acts = ActionKind::discrete;  ///< pushes of 10 N to the left or right, or a force
  std::size_t longest = 500;               ///< steps of an episode
};

/// Acts: 0 pushes the cart to the left, 1 to the right; or one number, -1 to 1 times 10 N. A step is worth 1
/// while the cart is within 2.4 m and the pole within 12 degrees, which is success if it lasts to the end.
/// Sees x / 2.4 and theta / 0.2094, each with its velocity / 2 behind it where those are seen. All four begin
/// uniform in [-0.05, 0.05).
class CartPole final : public DrawnEnvironment {
 public:
  /// x, x', theta, theta': metres, radians, seconds.
  using State = std::array<double, 4>;

  explicit CartPole(const CartPoleOptions& options = {}) : options_(options) {}

  std::size_t observations() const noexcept override { return options_.velocities ? 4 : 2; }
  ActionKind action_kind() const noexcept override { return options_.acts; }
  std::size_t actions() const noexcept override { return options_.acts == ActionKind::discrete ? 2 : 1; }
  void reset(std::uint64_t seed, std::span<float> observation) override;
  Step step(std::span<const float> action, std::span<float> observation) override;

  double best_return() const noexcept override { return static_cast<double>(options_.longest); }
  Stage stage() const override;
  std::vector<DrawnShape> shapes() const override;

  const State& state() const noexcept { return state_; }

  static constexpr double kCart = 1, kMass = 0.1, kHalfLength = 0.5, kGravity = 9.8, kForce = 10,
                          kStep = 0.02;

 private:
  void see(std::span<float> observation) const;

  CartPoleOptions options_;
  State state_{};
  std::size_t steps_ = 0;
};

}  // namespace carousel
