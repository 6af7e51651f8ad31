// The same affine map at every time step: y = activation(W x + b).
#pragma once

#include "layers/activation.h"
#include "layers/affine_layer.h"

namespace carousel {

template <class T>
class Dense final : public AffineLayer<T> {
 public:
  Dense(std::size_t inputs, std::size_t outputs, Activation activation = Activation::identity)
      : AffineLayer<T>(inputs, outputs), activation_(activation) {}

  std::string kind() const override { return "dense"; }
  std::string description() const override;

 private:
  void finish(View<T> y) const noexcept override;
  void finish_gradient(View<const T> y, View<const T> dy, View<T> dpre) const noexcept override;

  Activation activation_;
};

}  // namespace carousel
