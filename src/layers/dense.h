// The same affine map at every time step: y = activation(W x + b).
#pragma once

#include "kernels/activation_kinds.h"
#include "layers/affine_layer.h"

namespace carousel {

template <class T>
class Dense final : public AffineLayer<T> {
 public:
  /// bias: whether there is a b.
  Dense(std::size_t inputs, std::size_t outputs, const kernels::Activation& activation = {}, bool bias = true)
      : AffineLayer<T>(inputs, outputs, bias), activation_(activation), bias_(bias) {}

  std::string kind() const override { return "dense"; }
  std::string description() const override;
  const kernels::Activation& activation() const noexcept { return activation_; }

 private:
  void finish(View<T> y) const noexcept override;
  void finish_gradient(View<const T> y, View<const T> dy, View<T> dpre) const noexcept override;

  kernels::Activation activation_;
  bool bias_;
};

}  // namespace carousel
