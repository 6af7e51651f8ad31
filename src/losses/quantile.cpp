#include "losses/quantile.h"

#include "losses/targets.h"

namespace carousel {

template <class T>
Quantile<T>::Quantile(const std::vector<double>& quantiles) {
  if (quantiles.empty()) throw SettingError("loss quantile: at least one quantile is needed, such as 0.5");
  double previous = 0;
  for (const double q : quantiles) {
    if (!(q > previous && q < 1))
      throw SettingError(
          fmt::format("loss quantile: quantiles must ascend between 0 and 1, got {} after {}", q, previous));
    quantiles_.push_back(static_cast<T>(q));
    previous = q;
  }
}

template <class T>
LossValue Quantile<T>::evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const {
  check_loss_shapes(name(), this->outputs_for(target.columns()), prediction, target, gradient);
  const T share = T(1) / static_cast<T>(quantiles_.size());
  return sum_over_targets(quantiles_.size(), prediction, target, gradient, [&](T y, const T* p, T* d) {
    T loss = 0;
    for (std::size_t k = 0; k < quantiles_.size(); ++k) {
      const T error = y - p[k];
      const T slope = error > 0 ? quantiles_[k] : quantiles_[k] - 1;
      loss += slope * error;
      if (d) d[k] = error == 0 ? T(0) : -slope * share;
    }
    return loss * share;
  });
}

template class Quantile<float>;
template class Quantile<double>;

}  // namespace carousel
