#include "losses/mse.h"

#include "losses/targets.h"

namespace carousel {

template <class T>
LossValue Mse<T>::evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const {
  check_loss_shapes(name(), this->outputs_for(target.columns()), prediction, target, gradient);
  return sum_over_targets(1, prediction, target, gradient, [](T y, const T* p, T* d) {
    const T error = *p - y;
    if (d) *d = 2 * error;
    return error * error;
  });
}

template class Mse<float>;
template class Mse<double>;

}  // namespace carousel
