// Cross-entropy of classes under the softmax of the network's outputs: for a target of class y among K
//
//     -log softmax(p)_y = log(sum over k of exp(p_k)) - p_y
//
// taken from the logarithm, so that no probability is too small for it; derivative on p_k: softmax(p)_k - [k
// = y]. Targets are numbers of classes, 0 ... K - 1. In nats; Bishop, "Pattern Recognition and Machine
// Learning", 2006, eq. 4.108 and 4.109.
#pragma once

#include "losses/loss.h"

namespace carousel {

template <class T>
class CrossEntropy final : public Loss<T> {
 public:
  /// Throws SettingError unless there are at least two classes, at most 2^24.
  explicit CrossEntropy(std::size_t classes);
  std::string name() const override { return "cross_entropy"; }
  std::size_t outputs_for(std::size_t targets) const noexcept override { return classes_ * targets; }
  /// Throws Error for a target that is no class, naming its place.
  LossValue evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const override;

 private:
  std::size_t classes_;
};

}  // namespace carousel
