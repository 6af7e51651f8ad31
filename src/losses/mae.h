// Mean absolute error: |y - p|. Its minimum is the conditional median (Laplace 1774). Derivative 0 where y =
// p.
#pragma once

#include "losses/loss.h"

namespace carousel {

template <class T>
class Mae final : public Loss<T> {
 public:
  std::string name() const override { return "mae"; }
  LossValue evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const override;
};

}  // namespace carousel
