// Layer normalisation over the features of each step: y = gain (x - mean) / sqrt(variance + eps) + bias, the
// variance that of the F features themselves. Ba, Kiros, Hinton, "Layer Normalization", 2016, eq. 3 with H
// the features of the layer below.
#pragma once

#include "base/aligned.h"
#include "layers/layer.h"

namespace carousel {

template <class T>
class LayerNorm final : public Layer<T> {
 public:
  /// eps > 0
  LayerNorm(std::size_t features, double eps) : Layer<T>(features, features), eps_(eps) {}

  std::string kind() const override { return "layer_norm"; }
  std::string description() const override;
  std::string kernel() const override { return "row by row"; }
  /// "name.gain" and "name.b", [F] each.
  void declare(ParameterTable& table, const std::string& name) override;
  /// Gain 1, bias 0.
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

  double eps_;
  std::size_t gain_offset_ = 0, bias_offset_ = 0;  // in the weight vector
  AlignedVector<T> gain_, bias_;
};

}  // namespace carousel
