#include "layers/dense.h"

#include <fmt/format.h>

namespace carousel {

template <class T>
std::string Dense<T>::description() const {
  return fmt::format("dense, {} outputs, {}", this->outputs(), name(activation_));
}

template class Dense<float>;
template class Dense<double>;

}  // namespace carousel
