// Negative log-likelihood of a normal distribution; the network puts out mean m and log-variance s of each
// target:
//
//     (log 2 pi + s + (y - m)^2 exp(-s)) / 2
//
// s is held in [-30, 30]; beyond, its derivative is kept only where it leads back.
// Nix, Weigend, "Estimating the Mean and Variance of the Target Probability Distribution", ICNN 1994.
#pragma once

#include "losses/loss.h"

namespace carousel {

template <class T>
class Gaussian final : public Loss<T> {
 public:
  std::string name() const override { return "gaussian"; }
  std::size_t outputs_for(std::size_t targets) const noexcept override { return 2 * targets; }
  LossValue evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const override;
};

}  // namespace carousel
