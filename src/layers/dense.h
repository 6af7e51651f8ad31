// The same affine map at every time step: y = activation(W x + b).
#pragma once

#include "kernels/gemm.h"
#include "layers/layer.h"

namespace carousel {

enum class Activation { identity, tanh, sigmoid, relu };

/// "identity", "tanh", "sigmoid", "relu"; the words of the spec.
const std::vector<std::string>& activation_names();

template <class T>
class Dense : public Layer<T> {
 public:
  Dense(std::size_t inputs, std::size_t outputs, Activation activation = Activation::identity)
      : Layer<T>(inputs, outputs), activation_(activation) {}

  std::string kind() const override { return "dense"; }
  std::string description() const override;
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override;
  std::unique_ptr<Trace<T>> make_trace() const override;
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept override;

 private:
  void map(View<const T> x, View<T> y) const noexcept;

  Activation activation_;
  std::size_t W_ = 0, b_ = 0;                      // offsets in the weight vector
  kernels::PackedMatrix<T> weights_, transposed_;  // [F, outputs], [outputs, F]
  AlignedVector<T> bias_;
};

}  // namespace carousel
