#include "layers/activation.h"

#include <algorithm>

#include "kernels/activations.h"

namespace carousel {

const std::vector<std::string>& activation_names() {
  static const std::vector<std::string> names = {"identity", "tanh", "sigmoid", "relu"};
  return names;
}

const std::string& name(Activation activation) {
  return activation_names()[static_cast<std::size_t>(activation)];
}

template <class T>
void activate(Activation activation, std::span<T> values) noexcept {
  switch (activation) {
    case Activation::identity:
      return;
    case Activation::tanh:
      return kernels::tanh(values.data(), values.data(), values.size());
    case Activation::sigmoid:
      return kernels::sigmoid(values.data(), values.data(), values.size());
    case Activation::relu:
      for (T& value : values) value = value < T(0) ? T(0) : value;  // NaN stays NaN
  }
}

template <class T>
void activation_gradient(Activation activation, std::span<const T> y, std::span<const T> dy,
                         std::span<T> dpre) noexcept {
  switch (activation) {
    case Activation::identity:
      std::ranges::copy(dy, dpre.begin());
      return;
    case Activation::tanh:
      for (std::size_t i = 0; i < y.size(); ++i) dpre[i] = dy[i] * (T(1) - y[i] * y[i]);
      return;
    case Activation::sigmoid:
      for (std::size_t i = 0; i < y.size(); ++i) dpre[i] = dy[i] * (y[i] * (T(1) - y[i]));
      return;
    case Activation::relu:
      for (std::size_t i = 0; i < y.size(); ++i) dpre[i] = y[i] > T(0) ? dy[i] : T(0);
  }
}

template void activate(Activation, std::span<float>) noexcept;
template void activate(Activation, std::span<double>) noexcept;
template void activation_gradient(Activation, std::span<const float>, std::span<const float>,
                                  std::span<float>) noexcept;
template void activation_gradient(Activation, std::span<const double>, std::span<const double>,
                                  std::span<double>) noexcept;

}  // namespace carousel
