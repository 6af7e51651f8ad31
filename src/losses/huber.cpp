#include "losses/huber.h"

#include "losses/targets.h"

namespace carousel {

template <class T>
Huber<T>::Huber(double delta) : delta_(static_cast<T>(delta)) {
  if (!std::isfinite(delta_) || !(delta_ > 0))
    throw SettingError(fmt::format("loss huber: delta must be a number above 0, got {}", delta));
}

template <class T>
LossValue Huber<T>::evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const {
  check_loss_shapes(name(), this->outputs_for(target.columns()), prediction, target, gradient);
  return sum_over_targets(1, prediction, target, gradient, [this](T y, const T* p, T* d) {
    const T error = *p - y;
    if (std::abs(error) <= delta_) {
      if (d) *d = error;
      return error * error / 2;
    }
    if (d) *d = error < 0 ? -delta_ : delta_;
    return delta_ * (std::abs(error) - delta_ / 2);
  });
}

template class Huber<float>;
template class Huber<double>;

}  // namespace carousel
