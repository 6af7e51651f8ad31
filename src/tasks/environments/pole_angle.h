// Sine and cosine of a pole's angle: the C library's are not the same bits on every machine.
#pragma once

namespace carousel {

/// Taylor's series, whose rest is below 1e-17 up to an angle of 1: poles fall before, and an episode is over.
inline double cosine(double x) noexcept {
  const double y = x * x;
  double term = 1, sum = 1;
  for (int n = 1; n <= 9; ++n) sum += term *= -y / ((2 * n - 1) * (2 * n));
  return sum;
}
inline double sine(double x) noexcept {
  const double y = x * x;
  double term = x, sum = x;
  for (int n = 1; n <= 9; ++n) sum += term *= -y / ((2 * n) * (2 * n + 1));
  return sum;
}

}  // namespace carousel
