#include "layers/dense.h"

#include <fmt/format.h>

namespace carousel {

template <class T>
std::string Dense<T>::description() const {
  return fmt::format("dense, {} outputs, {}", this->outputs(), name(activation_));
}

template <class T>
void Dense<T>::finish(View<T> y) const noexcept {
  for (std::size_t r = 0; r < y.rows(); ++r) activate(activation_, y.row_span(r));
}

template <class T>
void Dense<T>::finish_gradient(View<const T> y, View<const T> dy, View<T> dpre) const noexcept {
  for (std::size_t r = 0; r < y.rows(); ++r)
    activation_gradient(activation_, y.row_span(r), dy.row_span(r), dpre.row_span(r));
}

template class Dense<float>;
template class Dense<double>;

}  // namespace carousel
