#include "training/policy_gradient/advantages.h"

#include <cstddef>

namespace carousel {

void estimate_advantages(const AdvantageInputs& inputs, double discount, double lambda,
                         std::span<double> advantages) noexcept {
  double next_value = inputs.next_value, next_advantage = 0;
  for (std::size_t t = advantages.size(); t-- > 0;) {
    const double goes_on = inputs.over[t] != 0 ? 0 : discount;
    const double value = inputs.values[t];
    next_advantage = inputs.rewards[t] + goes_on * next_value - value + goes_on * lambda * next_advantage;
    next_value = value;
    advantages[t] = next_advantage;
  }
}

}  // namespace carousel
