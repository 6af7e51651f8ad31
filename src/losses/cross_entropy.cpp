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
CrossEntropy<T>::CrossEntropy(std::size_t classes) : classes_(classes) {
  if (classes < 2 || classes > kMaxSymbols)
    throw SettingError(
        fmt::format("loss cross_entropy: from 2 to {} classes are possible, got {}", kMaxSymbols, classes));
}

template <class T>
LossValue CrossEntropy<T>::evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const {
  check_loss_shapes(name(), this->outputs_for(target.columns()), prediction, target, gradient);
  check_classes(target, classes_);
  std::vector<T> scratch(gradient.rows() == 0 ? classes_ : 0);
  return sum_over_targets(classes_, prediction, target, gradient, [&](T y, const T* p, T* d) {
    T* const log_softmax = d ? d : scratch.data();
    kernels::log_softmax(p, log_softmax, 1, classes_, classes_);
    const auto k = static_cast<std::size_t>(y);
    const T loss = -log_softmax[k];
    if (d) {
      kernels::exp(d, d, classes_);
      d[k] -= 1;
    }
    return loss;
  });
}

template class CrossEntropy<float>;
template class CrossEntropy<double>;

}  // namespace carousel
