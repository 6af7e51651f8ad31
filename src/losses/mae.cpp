#include "losses/mae.h"

#include "losses/targets.h"

namespace carousel {

template <class T>
LossValue Mae<T>::evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const {
  check_loss_shapes(name(), this->outputs_for(target.columns()), prediction, target, gradient);
  return sum_over_targets(1, prediction, target, gradient, [](T y, const T* p, T* d) {
    const T error = *p - y;
    if (d) *d = error > 0 ? T(1) : (error < 0 ? T(-1) : T(0));
    return std::abs(error);
  });
}

template class Mae<float>;
template class Mae<double>;

}  // namespace carousel
