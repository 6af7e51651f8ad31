// Which units a mask has, and how often.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

namespace carousel::testing {

using Mask = std::vector<bool>;
using Masks = std::vector<Mask>;

inline double share(const Mask& mask) {
  return static_cast<double>(std::ranges::count(mask, true)) / static_cast<double>(mask.size());
}
/// Of masks of the same size.
inline double share(const Masks& masks) {
  double sum = 0;
  for (const Mask& mask : masks) sum += share(mask);
  return sum / static_cast<double>(masks.size());
}

/// The share of units that are in both.
inline double common(const Mask& a, const Mask& b) {
  Mask both(a);
  for (std::size_t j = 0; j < both.size(); ++j) both[j] = a[j] && b[j];
  return share(both);
}
inline double common(const Masks& a, const Masks& b) {
  double sum = 0;
  for (std::size_t t = 0; t < a.size(); ++t) sum += common(a[t], b[t]);
  return sum / static_cast<double>(a.size());
}

inline std::vector<double> copy(std::span<const double> values) { return {values.begin(), values.end()}; }

}  // namespace carousel::testing
