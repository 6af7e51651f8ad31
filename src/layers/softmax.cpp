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
void Softmax<T>::finish(View<T> y) const noexcept {
  const auto normalise = log_ ? kernels::log_softmax<T> : kernels::softmax<T>;
  normalise(y.data(), y.data(), y.rows(), y.columns(), y.stride());
}

template <class T>
void Softmax<T>::finish_gradient(View<const T> y, View<const T> dy, View<T> dpre) const noexcept {
  const std::size_t n = y.columns();
  for (std::size_t r = 0; r < y.rows(); ++r) {
    if (!log_) {
      softmax_gradient(y.row_span(r), dy.row_span(r), dpre.row_span(r));
      continue;
    }
    const T sum = kernels::sum(dy.row(r), n);
    kernels::exp(y.row(r), dpre.row(r), n);
    for (std::size_t k = 0; k < n; ++k) dpre(r, k) = dy(r, k) - dpre(r, k) * sum;
  }
}

template void softmax_gradient(std::span<const float>, std::span<const float>, std::span<float>) noexcept;
template void softmax_gradient(std::span<const double>, std::span<const double>, std::span<double>) noexcept;
template class Softmax<float>;
template class Softmax<double>;

}  // namespace carousel
