#include "losses/mixture.h"

#include <vector>

#include "kernels/activations.h"
#include "kernels/reductions.h"
#include "losses/targets.h"

namespace carousel {

namespace {

constexpr std::size_t kMaxComponents = 65536;
constexpr double kHalf_log_2_pi = 0.9189385332046727418;
constexpr double kLeastWeight = 1e-30;

template <class T>
T log(T x) {
  kernels::log(&x, &x, 1);
  return x;
}

/// NaN stays NaN.
template <class T>
T held(T deviation) {
  return std::clamp(deviation, static_cast<T>(Mixture<T>::kLeastDeviation),
                    static_cast<T>(Mixture<T>::kMostDeviation));
}

/// log N(y; mean, deviation), where y is there.
template <class T>
T log_density(T y, T mean, T deviation) {
  if (std::isnan(y)) return 0;
  const T ratio = (y - mean) / deviation;
  return -(ratio * ratio / 2 + static_cast<T>(kHalf_log_2_pi) + log(deviation));
}

}  // namespace

template <class T>
Mixture<T>::Mixture(std::size_t components) : components_(components) {
  if (components == 0 || components > kMaxComponents)
    throw SettingError(
        fmt::format("loss mixture: components must be from 1 to {}, those of the layer mixture, got {}",
                    kMaxComponents, components));
}

/// d: null, or where the derivatives go.
template <class T>
T Mixture<T>::step_loss(const T* p, std::span<const T> y, T* d, std::span<T> shares) const {
  const std::size_t K = components_, F = y.size();
  const T *means = p + K, *deviations = means + K * F;
  for (std::size_t k = 0; k < K; ++k) {
    shares[k] = log(std::max(p[k], static_cast<T>(kLeastWeight)));
    for (std::size_t f = 0; f < F; ++f)
      shares[k] += log_density(y[f], means[k * F + f], held(deviations[k * F + f]));
  }
  const T largest = kernels::maximum(shares.data(), K);
  for (T& l : shares) l -= largest;
  kernels::exp(shares.data(), shares.data(), K);
  const T sum = kernels::sum(shares.data(), K);
  if (d == nullptr) return -(largest + log(sum));
  T *d_means = d + K, *d_deviations = d_means + K * F;
  for (std::size_t k = 0; k < K; ++k) {
    const T share = shares[k] / sum;
    d[k] = -share / std::max(p[k], static_cast<T>(kLeastWeight));
    for (std::size_t f = 0; f < F; ++f) {
      const std::size_t at = k * F + f;
      const bool there = !std::isnan(y[f]);
      const T deviation = held(deviations[at]), ratio = there ? (means[at] - y[f]) / deviation : 0;
      const T slope = there ? share * (1 - ratio * ratio) / deviation : 0;
      const bool beyond =
          (deviations[at] > deviation && slope < 0) || (deviations[at] < deviation && slope > 0);
      d_means[at] = share * ratio / deviation;
      d_deviations[at] = beyond ? T(0) : slope;
    }
  }
  return -(largest + log(sum));
}

template <class T>
LossValue Mixture<T>::evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const {
  const std::size_t columns = outputs_for(target.columns());
  check_loss_shapes(name(), columns, prediction, target, gradient);
  LossValue value;
  for (std::size_t r = 0; r < target.rows(); ++r) value.count += any_target(target.row_span(r)) ? 1 : 0;
  const T scale = value.count == 0 ? T(0) : T(1) / static_cast<T>(value.count);
  std::vector<T> shares(components_);
  for (std::size_t r = 0; r < target.rows(); ++r) {
    T* const d = gradient.rows() == 0 ? nullptr : gradient.row(r);
    if (d != nullptr) std::fill_n(d, columns, T(0));
    if (!any_target(target.row_span(r))) continue;
    value.sum += static_cast<double>(step_loss(prediction.row(r), target.row_span(r), d, shares));
    if (d != nullptr)
      for (std::size_t i = 0; i < columns; ++i) d[i] *= scale;
  }
  return value;
}

template class Mixture<float>;
template class Mixture<double>;

}  // namespace carousel
