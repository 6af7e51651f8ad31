#include "layers/softmax.h"

#include <fmt/format.h>

#include "kernels/activations.h"
#include "kernels/reductions.h"

namespace carousel {

template <class T>
void softmax_gradient(std::span<const T> y, std::span<const T> dy, std::span<T> dpre) noexcept {
  const T sum = kernels::dot(y.data(), dy.data(), y.size());
  for (std::size_t k = 0; k < y.size(); ++k) dpre[k] = y[k] * (dy[k] - sum);
}

template <class T>
std::string Softmax<T>::description() const {
  return fmt::format("softmax, {} outputs{}", this->outputs(), log_ ? ", as logarithms" : "");
}

template <class T>
void Softmax<T>::finish(std::span<T> y) const noexcept {
  const std::size_t n = y.size();
  return log_ ? kernels::log_softmax(y.data(), y.data(), 1, n, n)
              : kernels::softmax(y.data(), y.data(), 1, n, n);
}

template <class T>
void Softmax<T>::finish_gradient(std::span<const T> y, std::span<const T> dy,
                                 std::span<T> dpre) const noexcept {
  if (!log_) return softmax_gradient(y, dy, dpre);
  const T sum = kernels::sum(dy.data(), dy.size());
  kernels::exp(y.data(), dpre.data(), y.size());
  for (std::size_t k = 0; k < y.size(); ++k) dpre[k] = dy[k] - dpre[k] * sum;
}

template void softmax_gradient(std::span<const float>, std::span<const float>, std::span<float>) noexcept;
template void softmax_gradient(std::span<const double>, std::span<const double>, std::span<double>) noexcept;
template class Softmax<float>;
template class Softmax<double>;

}  // namespace carousel
