// Cross-entropy of classes under the softmax of the network's outputs: for a target of class y among K
//
//     -log softmax(p)_y = log(sum over k of exp(p_k)) - p_y
//
// taken from the logarithm, so that no probability is too small for it; derivative on p_k: softmax(p)_k - [k
// = y]. Targets are numbers of classes, 0 ... K - 1. In nats; Bishop, "Pattern Recognition and Machine
// Learning", 2006, eq. 4.108 and 4.109.
//
// With smoothing e, a share e of the target belongs to all classes alike (Szegedy et al., "Rethinking the
// Inception Architecture", CVPR 2016, sec. 7): q_k = (1 - e) [k = y] + e / K,
//
//     loss = -sum over k of q_k log softmax(p)_k,   derivative on p_k: softmax(p)_k - q_k
//
// With class weights w, loss and derivative of a target are w_y times as large. The mean stays one over
// targets, whatever they weigh.
#pragma once

#include "losses/loss.h"

namespace carousel {

template <class T>
class CrossEntropy final : public Loss<T> {
 public:
  /// Throws SettingError unless there are at least two classes, at most 2^24, smoothing is in [0, 1) and
  /// there are no weights or one for each class, finite and at least 0.
  explicit CrossEntropy(std::size_t classes, double smoothing = 0, std::span<const double> weights = {});
  std::string name() const override { return "cross_entropy"; }
  std::size_t outputs_for(std::size_t targets) const noexcept override { return classes_ * targets; }
  /// Throws Error for a target that is no class, naming its place.
  LossValue evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const override;

 private:
  std::size_t classes_;
  double smoothing_;
  std::vector<T> weights_;  // of the classes, or empty: all are 1
};

}  // namespace carousel
