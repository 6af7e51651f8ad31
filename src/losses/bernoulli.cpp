#include "losses/bernoulli.h"

#include <vector>

#include "kernels/activations.h"
#include "losses/targets.h"

namespace carousel {

namespace {

template <class T>
void check_probabilities(View<const T> target) {
  for (std::size_t r = 0; r < target.rows(); ++r)
    for (std::size_t f = 0; f < target.columns(); ++f)
      if (const T y = target(r, f); y < T(0) || y > T(1))
        throw Error(
            fmt::format("[bernoulli] expected targets from 0 to 1, got {} at row {}, column {}", y, r, f));
}

/// Loss of a step, the sum over the targets that are there; work as wide as the step.
template <class T>
double step_loss(std::span<const T> p, std::span<const T> y, std::span<T> work) {
  for (std::size_t f = 0; f < y.size(); ++f) work[f] = -std::abs(p[f]);
  kernels::exp(work.data(), work.data(), work.size());
  for (T& value : work) value += 1;
  kernels::log(work.data(), work.data(), work.size());
  double sum = 0;
  for (std::size_t f = 0; f < y.size(); ++f)
    if (!std::isnan(y[f])) sum += static_cast<double>((p[f] < 0 ? T(0) : p[f]) - y[f] * p[f] + work[f]);
  return sum;
}

}  // namespace

template <class T>
LossValue Bernoulli<T>::evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const {
  check_loss_shapes(name(), target.columns(), prediction, target, gradient);
  check_probabilities(target);
  LossValue value;
  for (std::size_t r = 0; r < target.rows(); ++r) value.count += any_target(target.row_span(r)) ? 1 : 0;
  const T scale = value.count == 0 ? T(0) : T(1) / static_cast<T>(value.count);
  std::vector<T> work(target.columns());
  for (std::size_t r = 0; r < target.rows(); ++r) {
    const std::span<const T> y = target.row_span(r);
    value.sum += step_loss<T>(prediction.row_span(r), y, work);
    if (gradient.rows() == 0) continue;
    T* const d = gradient.row(r);
    kernels::sigmoid(prediction.row(r), d, y.size());
    for (std::size_t f = 0; f < y.size(); ++f) d[f] = std::isnan(y[f]) ? T(0) : (d[f] - y[f]) * scale;
  }
  return value;
}

template class Bernoulli<float>;
template class Bernoulli<double>;

}  // namespace carousel
