#include "losses/gaussian.h"

#include "kernels/activations.h"
#include "losses/targets.h"

namespace carousel {

namespace {
constexpr double kLog_2_pi = 1.8378770664093454836;
constexpr double kLimit = 30;  // of the log-variance, either way
}  // namespace

template <class T>
LossValue Gaussian<T>::evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const {
  check_loss_shapes(name(), this->outputs_for(target.columns()), prediction, target, gradient);
  return sum_over_targets(2, prediction, target, gradient, [](T y, const T* p, T* d) {
    const T limit = static_cast<T>(kLimit);
    const T s = std::clamp(p[1], -limit, limit);  // NaN stays NaN
    const T negative = -s;
    T precision;
    kernels::exp(&negative, &precision, 1);
    const T error = p[0] - y;
    const T ratio = error * error * precision;
    if (d) {
      const T slope = (1 - ratio) / 2;
      d[0] = error * precision;
      d[1] = (p[1] > limit && slope < 0) || (p[1] < -limit && slope > 0) ? T(0) : slope;
    }
    return (static_cast<T>(kLog_2_pi) + s + ratio) / 2;
  });
}

template class Gaussian<float>;
template class Gaussian<double>;

}  // namespace carousel
