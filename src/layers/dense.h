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
  void finish(std::span<T> y) const noexcept override { activate(activation_, y); }
  void finish_gradient(std::span<const T> y, std::span<const T> dy,
                       std::span<T> dpre) const noexcept override {
    activation_gradient(activation_, y, dy, dpre);
  }

  Activation activation_;
};

}  // namespace carousel
