// Huber's loss: with e = p - y,  e^2 / 2 where |e| <= delta,  delta (|e| - delta / 2) elsewhere.
// Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical Statistics 35, 1964.
#pragma once

#include "losses/loss.h"

namespace carousel {

template <class T>
class Huber final : public Loss<T> {
 public:
  /// Throws SettingError unless delta is finite and > 0.
  explicit Huber(double delta);
  std::string name() const override { return "huber"; }
  LossValue evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const override;

 private:
  T delta_;
};

}  // namespace carousel
