#include "training/policy_gradient/policy.h"

#include "kernels/activations.h"
#include "kernels/normal.h"
#include "kernels/reductions.h"

namespace carousel {

namespace {

constexpr double kHalf_log_2_pi = 0.91893853320467274178;

template <class T>
void reshape(ActLikelihood<T>& out, std::size_t rows, std::size_t outputs) {
  out.log_probabilities.resize(rows);
  out.entropies.resize(rows);
  out.dlog_probability.resize({rows, outputs});
  out.dentropy.resize({rows, outputs});
}

template <class T>
T exp_of(T x) noexcept {
  kernels::exp(&x, &x, 1);
  return x;
}

template <class T>
T log_of(T x) noexcept {
  kernels::log(&x, &x, 1);
  return x;
}

}  // namespace

template <class T>
void CategoricalPolicy<T>::draw(std::span<const T> outputs, const Random& random, std::uint64_t index,
                                std::span<float> act, std::span<T> scratch) const noexcept {
  kernels::softmax(outputs.data(), scratch.data(), 1, choices_, choices_);
  double left = random.uniform(index);
  std::size_t choice = 0;
  while (choice + 1 < choices_ && (left -= static_cast<double>(scratch[choice])) >= 0) ++choice;
  act[0] = static_cast<float>(choice);
}

template <class T>
void CategoricalPolicy<T>::judge(View<const T> outputs, View<const float> acts, ActLikelihood<T>& out) const {
  const std::size_t rows = outputs.rows();
  reshape(out, rows, choices_);
  const View<T> dlog = out.dlog_probability.matrix(), dentropy = out.dentropy.matrix();
  for (std::size_t r = 0; r < rows; ++r) std::copy_n(outputs.row(r), choices_, dlog.row(r));
  kernels::log_softmax(dlog.data(), dentropy.data(), rows, choices_, choices_);  // log p, for now
  kernels::exp(dentropy.data(), dlog.data(), rows * choices_);                   // p
  for (std::size_t r = 0; r < rows; ++r) {
    T* const p = dlog.row(r);
    T* const log_p = dentropy.row(r);
    const auto chosen = static_cast<std::size_t>(acts(r, 0));
    out.log_probabilities[r] = log_p[chosen];
    T entropy = 0;
    for (std::size_t k = 0; k < choices_; ++k) entropy -= p[k] * log_p[k];
    out.entropies[r] = entropy;
    for (std::size_t k = 0; k < choices_; ++k) {
      log_p[k] = -p[k] * (log_p[k] + entropy);
      p[k] = (k == chosen ? T(1) : T(0)) - p[k];
    }
  }
}

template <class T>
GaussianPolicy<T>::GaussianPolicy(std::size_t numbers, double deviation)
    : numbers_(numbers), learned_(deviation == 0) {
  if (!learned_) fixed_ = log_of(static_cast<T>(deviation));
}

template <class T>
auto GaussianPolicy<T>::log_deviation(const T* outputs, std::size_t number) const noexcept -> LogDeviation {
  if (!learned_) return {fixed_, 0};
  const T limit = static_cast<T>(kLimit);
  T u = outputs[numbers_ + number] / limit;
  kernels::tanh(&u, &u, 1);
  return {limit * u, 1 - u * u};
}

template <class T>
void GaussianPolicy<T>::draw(std::span<const T> outputs, const Random& random, std::uint64_t index,
                             std::span<float> act, std::span<T> scratch) const noexcept {
  kernels::fill_normal(random, index, scratch.data(), numbers_);
  for (std::size_t k = 0; k < numbers_; ++k)
    act[k] = static_cast<float>(outputs[k] + exp_of(log_deviation(outputs.data(), k).value) * scratch[k]);
}

template <class T>
void GaussianPolicy<T>::judge(View<const T> outputs, View<const float> acts, ActLikelihood<T>& out) const {
  reshape(out, outputs.rows(), this->outputs());
  const T constant = static_cast<T>(kHalf_log_2_pi);
  for (std::size_t r = 0; r < outputs.rows(); ++r) {
    const T* const y = outputs.row(r);
    T* const dlog = out.dlog_probability.matrix().row(r);
    T* const dentropy = out.dentropy.matrix().row(r);
    T log_probability = 0, entropy = 0;
    for (std::size_t k = 0; k < numbers_; ++k) {
      const LogDeviation s = log_deviation(y, k);
      const T inverse = exp_of(-s.value);
      const T z = (static_cast<T>(acts(r, k)) - y[k]) * inverse;
      log_probability -= z * z / 2 + s.value + constant;
      entropy += s.value + constant + T(0.5);
      dlog[k] = z * inverse;
      dentropy[k] = 0;
      if (!learned_) continue;
      dlog[numbers_ + k] = (z * z - 1) * s.slope;
      dentropy[numbers_ + k] = s.slope;
    }
    out.log_probabilities[r] = log_probability;
    out.entropies[r] = entropy;
  }
}

template <class T>
std::unique_ptr<Policy<T>> make_policy(ActionKind kind, std::size_t actions, double deviation) {
  if (kind == ActionKind::discrete) return std::make_unique<CategoricalPolicy<T>>(actions);
  return std::make_unique<GaussianPolicy<T>>(actions, deviation);
}

template class CategoricalPolicy<float>;
template class CategoricalPolicy<double>;
template class GaussianPolicy<float>;
template class GaussianPolicy<double>;
template std::unique_ptr<Policy<float>> make_policy(ActionKind, std::size_t, double);
template std::unique_ptr<Policy<double>> make_policy(ActionKind, std::size_t, double);

}  // namespace carousel
