// The Mackey-Glass series: a delay differential equation whose solution is chaotic for tau = 17 (Mackey &
// Glass, "Oscillation and Chaos in Physiological Control Systems", Science 197, 1977),
//
//     dx/dt = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x(t)
#pragma once

#include <cstddef>
#include <vector>

namespace carousel::lab {

struct MackeyGlass {
  std::size_t tau = 17;              ///< at least 1
  std::size_t steps_of_a_unit = 10;  ///< of integration
  double before = 1.2;               ///< x(t) for t <= 0
};

/// x(first), x(first + 1), ..., so many values: by the classical Runge-Kutta method of fourth order, delayed
/// values between two steps by the cubic through values and slopes.
std::vector<double> mackey_glass(const MackeyGlass& equation, std::size_t first, std::size_t count);

}  // namespace carousel::lab
