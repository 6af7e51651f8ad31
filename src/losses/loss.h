// A number to minimise and its derivative with respect to the predictions.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "tensor/view.h"

namespace carousel {

/// Sum over the targets that count, and how many those are; the mean is what is minimised.
struct LossValue {
  double sum = 0;
  std::size_t count = 0;
  double mean() const noexcept { return count == 0 ? 0.0 : sum / static_cast<double>(count); }
};

template <class T>
class Loss {
 public:
  virtual ~Loss() = default;
  virtual std::string name() const = 0;
  /// Values the network puts out for each target value: 1 for mse, Q for Q quantiles, 2 for a Gaussian.
  virtual std::size_t outputs_per_target() const noexcept { return 1; }

  /// prediction [N, F * outputs_per_target()], the outputs of one target side by side; target [N, F], where NaN means
  /// that there is no target. If gradient has rows, it gets the derivative of the *mean* (zero where there is no target).
  /// Sums run in a fixed order. Throws Error if shapes do not agree.
  virtual LossValue evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const = 0;
};

template <class T>
using LossPointer = std::unique_ptr<Loss<T>>;

}  // namespace carousel
