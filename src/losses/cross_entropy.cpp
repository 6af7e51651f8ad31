#include "losses/cross_entropy.h"

#include <vector>

#include "kernels/activations.h"
#include "kernels/reductions.h"
#include "losses/targets.h"
#include "tensor/symbols.h"

namespace carousel {

namespace {

template <class T>
void check_classes(View<const T> target, std::size_t classes) {
  for (std::size_t r = 0; r < target.rows(); ++r)
    for (std::size_t f = 0; f < target.columns(); ++f) {
      const T y = target(r, f);
      if (std::isnan(y) || is_symbol(y, classes)) continue;
      throw Error(
          fmt::format("[cross_entropy] expected the numbers of classes, 0 to {}, as targets, got {} at row "
                      "{}, column {}",
                      classes - 1, y, r, f));
    }
}

}  // namespace

template <class T>
CrossEntropy<T>::CrossEntropy(std::size_t classes, double smoothing, std::span<const double> weights)
    : classes_(classes), smoothing_(smoothing) {
  if (classes < 2 || classes > kMaxSymbols)
    throw SettingError(
        fmt::format("loss cross_entropy: from 2 to {} classes are possible, got {}", kMaxSymbols, classes));
  if (!(smoothing >= 0 && smoothing < 1))
    throw SettingError(
        fmt::format("loss cross_entropy: smoothing must be at least 0 and below 1, got {}", smoothing));
  if (!weights.empty() && weights.size() != classes)
    throw SettingError(fmt::format("loss cross_entropy: expected a weight for each of {} classes, got {}",
                                   classes, weights.size()));
  for (const double weight : weights) {
    if (!(weight >= 0) || !std::isfinite(static_cast<T>(weight)))
      throw SettingError(fmt::format(
          "loss cross_entropy: the weight of a class must be finite and at least 0, got {}", weight));
    weights_.push_back(static_cast<T>(weight));
  }
}

template <class T>
LossValue CrossEntropy<T>::evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const {
  check_loss_shapes(name(), this->outputs_for(target.columns()), prediction, target, gradient);
  check_classes(target, classes_);
  std::vector<T> scratch(gradient.rows() == 0 ? classes_ : 0);
  const T hit = static_cast<T>(1 - smoothing_),
          each = static_cast<T>(smoothing_ / static_cast<double>(classes_));
  return sum_over_targets(classes_, prediction, target, gradient, [&](T y, const T* p, T* d) {
    T* const log_softmax = d ? d : scratch.data();
    kernels::log_softmax(p, log_softmax, 1, classes_, classes_);
    const auto k = static_cast<std::size_t>(y);
    T loss = -hit * log_softmax[k];
    if (smoothing_ > 0) loss -= each * kernels::sum(log_softmax, classes_);
    if (d) {
      kernels::exp(d, d, classes_);
      d[k] -= hit;
      if (smoothing_ > 0)
        for (std::size_t i = 0; i < classes_; ++i) d[i] -= each;
    }
    if (weights_.empty()) return loss;
    if (d)
      for (std::size_t i = 0; i < classes_; ++i) d[i] *= weights_[k];
    return weights_[k] * loss;
  });
}

template class CrossEntropy<float>;
template class CrossEntropy<double>;

}  // namespace carousel
