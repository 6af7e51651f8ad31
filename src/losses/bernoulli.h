// Negative log-likelihood of all targets of a step together, each a yes or no of its own: of the keys of a
// piano that sound, of the labels that a frame has. The network puts out one p for each, the logarithm of its
// odds:
//
//     loss = sum over f of log(1 + exp(p_f)) - y_f p_f
//          = sum over f of max(p_f, 0) - y_f p_f + log(1 + exp(-|p_f|))
//
// derivative on p_f: sigmoid(p_f) - y_f. y is 0, 1 or a probability between. A missing target is left out of
// the sum; a step counts as one target unless all are missing, so that the mean is in nats a step, the
// figure that the literature on polyphonic music gives. Bishop, "Pattern Recognition and Machine Learning",
// 2006, eq. 4.90 and 4.91; Boulanger-Lewandowski, Bengio & Vincent, ICML 2012.
#pragma once

#include "losses/loss.h"

namespace carousel {

template <class T>
class Bernoulli final : public Loss<T> {
 public:
  std::string name() const override { return "bernoulli"; }
  /// Throws Error for a target that is not in [0, 1], naming its place.
  LossValue evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const override;
};

}  // namespace carousel
