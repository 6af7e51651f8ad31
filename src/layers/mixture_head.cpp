#include "layers/mixture_head.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/activations.h"
#include "kernels/reductions.h"
#include "layers/softmax.h"

namespace carousel {

template <class T>
std::string MixtureHead<T>::description() const {
  return fmt::format("mixture, {} components over {} values", components_, values_);
}

template <class T>
void MixtureHead<T>::finish(std::span<T> y) const noexcept {
  const std::size_t K = components_, D = values_;
  kernels::softmax(y.data(), y.data(), 1, K, K);
  T* const deviations = y.data() + K + K * D;
  kernels::exp(deviations, deviations, K * D);
}

template <class T>
void MixtureHead<T>::finish_gradient(std::span<const T> y, std::span<const T> dy,
                                     std::span<T> dpre) const noexcept {
  const std::size_t K = components_, deviations = K + K * values_;
  softmax_gradient(y.first(K), dy.first(K), dpre.first(K));
  std::copy(dy.begin() + K, dy.begin() + deviations, dpre.begin() + K);
  for (std::size_t i = deviations; i < y.size(); ++i) dpre[i] = dy[i] * y[i];
}

template class MixtureHead<float>;
template class MixtureHead<double>;

}  // namespace carousel
