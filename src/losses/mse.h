// Mean squared error: (y - p)^2. Its minimum is the conditional mean (Gauss 1809).
#pragma once

#include "losses/loss.h"

namespace carousel {

template <class T>
class Mse final : public Loss<T> {
 public:
  std::string name() const override { return "mse"; }
  LossValue evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const override;
};

}  // namespace carousel
