// Generalised advantage estimation (Schulman, Moritz, Levine, Jordan & Abbeel, "High-Dimensional Continuous
// Control Using Generalized Advantage Estimation", 2016, eq. 16): with the errors of the values v
//
//     d_t = r_t + discount v_{t+1} - v_t,        v_{t+1} = 0 where the episode is over after step t,
//
// the advantage of what was done at t is A_t = sum over l of (discount lambda)^l d_{t+l}, up to the end of
// the episode or, where it goes on, of what is known. With lambda 1 it is the return from t on less v_t.
#pragma once

#include <cstdint>
#include <span>

namespace carousel {

/// All [steps]: rewards, values of what was seen before each step, whether an episode was over after it; v of
/// what is seen after the last, of no account where that is over.
struct AdvantageInputs {
  std::span<const double> rewards, values;
  std::span<const std::uint8_t> over;
  double next_value = 0;
};

void estimate_advantages(const AdvantageInputs& inputs, double discount, double lambda,
                         std::span<double> advantages) noexcept;

}  // namespace carousel
