// What dense layers and the heads have in common: the same affine map at every time step, then a function of
// each step's results.
#pragma once

#include "layers/affine.h"
#include "layers/layer.h"

namespace carousel {

template <class T>
class AffineLayer : public Layer<T> {
 public:
  std::string kernel() const override { return Affine<T>::kernel(); }
  void declare(ParameterTable& table, const std::string& name) override { affine_.declare(table, name); }
  void initialise(std::span<T> weights, std::uint64_t seed) const override {
    affine_.initialise(weights, seed);
  }
  void pack(std::span<const T> weights, const Packing& packing) override { affine_.pack(weights, packing); }
  std::unique_ptr<Trace<T>> make_trace() const override;
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept override;

 protected:
  AffineLayer(std::size_t inputs, std::size_t outputs, bool bias = true)
      : Layer<T>(inputs, outputs), affine_(inputs, outputs, bias) {}

 private:
  /// Row by row, in place.
  virtual void finish(View<T> y) const noexcept = 0;
  /// dpre: gradient on what finish() was given, of which it made y.
  virtual void finish_gradient(View<const T> y, View<const T> dy, View<T> dpre) const noexcept = 0;
  void map(View<const T> x, View<T> y) const noexcept;

  Affine<T> affine_;
};

}  // namespace carousel
