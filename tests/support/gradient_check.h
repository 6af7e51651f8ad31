// One numeric gradient checker for everything: analytic derivatives against central differences, in double.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <string>

namespace carousel::testing {

/// Limit on the relative error of every element.
inline constexpr double kGradientLimit = 1e-7;

/// `value()` is a scalar function of `variables`, which are changed one at a time and put back. The
/// differences are fourth order, (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h, so that h may be large enough
/// to keep rounding away. Errors are relative to the larger of both derivatives, or to a thousandth of the
/// largest derivative in the vector.
inline ::testing::AssertionResult gradient_matches(const std::string& name, std::span<double> variables,
                                                   std::span<const double> analytic,
                                                   const std::function<double()>& value) {
  if (variables.size() != analytic.size())
    return ::testing::AssertionFailure()
           << name << ": " << variables.size() << " variables, " << analytic.size() << " derivatives";
  constexpr double h = 1e-3;
  double largest = 0;
  for (double a : analytic) largest = std::max(largest, std::abs(a));
  double worst = 0;
  std::size_t where = 0;
  double worst_numeric = 0;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const double x = variables[i];
    auto at = [&](double offset) {
      variables[i] = x + offset;
      return value();
    };
    const double numeric = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    variables[i] = x;
    const double scale = std::max({std::abs(analytic[i]), std::abs(numeric), largest * 1e-3, 1e-12});
    const double error = std::abs(analytic[i] - numeric) / scale;
    if (!(error <= worst)) worst = error, where = i, worst_numeric = numeric;
  }
  if (worst < kGradientLimit) return ::testing::AssertionSuccess() << name << ": worst " << worst;
  return ::testing::AssertionFailure()
         << name << ": element " << where << " of " << variables.size() << ": analytic " << analytic[where]
         << ", numeric " << worst_numeric << ", relative error " << worst;
}

}  // namespace carousel::testing
