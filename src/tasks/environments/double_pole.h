// Two poles of different lengths on one cart, to be kept upright by pushing the cart (Wieland 1991, "Evolving
// Neural Network Controllers for Unstable Systems"; constants as Gomez & Miikkulainen 1997 and Stanley &
// Miikkulainen 2002 have them). With x the cart's place, theta_i the pole's angle from upright, F the force,
//
//     F_i  = m_i l_i theta_i'^2 sin theta_i + 3/4 m_i cos theta_i (mu theta_i' / (m_i l_i) + g sin theta_i)
//     m_i~ = m_i (1 - 3/4 cos^2 theta_i)
//     x''  = (F + sum F_i) / (M + sum m_i~)
//     theta_i'' = -3 / (4 l_i) (x'' cos theta_i + g sin theta_i + mu theta_i' / (m_i l_i))
//
// g = -9.8, M = 1, l = 0.5 and 0.05 (half the lengths), m = 0.1 and 0.01, mu = 2e-6 in the hinges, none on
// the track; Runge-Kutta of order 4 in steps of 0.01 s, two for each act.
#pragma once

#include <array>
#include <cstddef>

#include "tasks/environments/drawn_environment.h"

namespace carousel {

struct DoublePoleOptions {
  bool velocities = false;      ///< whether they are seen, too
  std::size_t longest = 1000;   ///< steps of an episode
  double first_angle = 0.0698;  ///< radians of the long pole; 4 degrees. The rest begins at 0
};

/// One act, the force: -1 to 1 times 10 N. A step is worth 1 while the cart is within 2.4 m and the poles
/// within 36 degrees, which is success if it lasts to the end. Sees x / 4.8, theta_1 / 0.52, theta_2 / 0.52,
/// each with its velocity / 2 behind it where those are seen. Every episode begins alike.
class DoublePole final : public DrawnEnvironment {
 public:
  /// x, x', theta_1, theta_1', theta_2, theta_2': metres, radians, seconds.
  using State = std::array<double, 6>;

  explicit DoublePole(const DoublePoleOptions& options = {}) : options_(options) {}

  std::size_t observations() const noexcept override { return options_.velocities ? 6 : 3; }
  ActionKind action_kind() const noexcept override { return ActionKind::continuous; }
  std::size_t actions() const noexcept override { return 1; }
  void reset(std::uint64_t seed, std::span<float> observation) override;
  Step step(std::span<const float> action, std::span<float> observation) override;

  double best_return() const noexcept override { return static_cast<double>(options_.longest); }
  Stage stage() const override;
  std::vector<DrawnShape> shapes() const override;

  const State& state() const noexcept { return state_; }

  static constexpr double kCart = 1, kGravity = 9.8;
  static constexpr std::array<double, 2> kHalfLengths = {0.5, 0.05}, kMasses = {0.1, 0.01};

 private:
  void see(std::span<float> observation) const;

  DoublePoleOptions options_;
  State state_{};
  std::size_t steps_ = 0;
};

}  // namespace carousel
