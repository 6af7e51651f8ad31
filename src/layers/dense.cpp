#include "layers/dense.h"

#include <fmt/format.h>

#include <algorithm>

namespace carousel {

template <class T>
std::string Dense<T>::description() const {
  return fmt::format("dense, {} outputs, {}{}", this->outputs(), to_text(activation_),
                     bias_ ? "" : ", bias=off");
}

template <class T>
void Dense<T>::finish(View<T> y) const noexcept {
  for (std::size_t r = 0; r < y.rows(); ++r) activate(activation_, y.row(r), y.columns());
}

template <class T>
void Dense<T>::finish_gradient(View<const T> y, View<const T> dy, View<T> dpre) const noexcept {
  for (std::size_t r = 0; r < y.rows(); ++r) {
    std::ranges::copy(dy.row_span(r), dpre.row(r));
    activation_gradient(activation_, y.row(r), dpre.row(r), y.columns());
  }
}

template class Dense<float>;
template class Dense<double>;

}  // namespace carousel
