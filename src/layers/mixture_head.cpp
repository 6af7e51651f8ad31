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
void MixtureHead<T>::finish(View<T> y) const noexcept {
  const std::size_t K = components_, deviations = K + K * values_;
  kernels::softmax(y.data(), y.data(), y.rows(), K, y.stride());
  for (std::size_t r = 0; r < y.rows(); ++r)
    kernels::exp(y.row(r) + deviations, y.row(r) + deviations, K * values_);
}

template <class T>
void MixtureHead<T>::finish_gradient(View<const T> y, View<const T> dy, View<T> dpre) const noexcept {
  const std::size_t K = components_, deviations = K + K * values_;
  for (std::size_t r = 0; r < y.rows(); ++r) {
    softmax_gradient(y.row_span(r).first(K), dy.row_span(r).first(K), dpre.row_span(r).first(K));
    std::copy(dy.row(r) + K, dy.row(r) + deviations, dpre.row(r) + K);
    for (std::size_t i = deviations; i < y.columns(); ++i) dpre(r, i) = dy(r, i) * y(r, i);
  }
}

template class MixtureHead<float>;
template class MixtureHead<double>;

}  // namespace carousel
