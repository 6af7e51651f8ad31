// Dropout between layers: in training each value is zero with probability `rate`, the others are scaled by
// 1 / (1 - rate); otherwise nothing happens. Srivastava et al., JMLR 15, 2014; between layers only: Zaremba
// et al. 2014.
#pragma once

#include "layers/layer.h"

namespace carousel {

/// The mask of a value depends on seed, update, sequence, time step (but where it is variational) and
/// feature, not on the order of computation.
template <class T>
class Dropout : public Layer<T> {
 public:
  /// variational: a sequence's mask is the same at every step (Gal & Ghahramani, NIPS 2016).
  Dropout(std::size_t features, double rate, bool variational = false)
      : Layer<T>(features, features), rate_(rate), variational_(variational) {}

  std::string kind() const override { return "dropout"; }
  std::string description() const override;
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T>, std::uint64_t) const override {}
  void pack(std::span<const T>, const Packing&) override {}
  std::unique_ptr<Trace<T>> make_trace() const override { return std::make_unique<Trace<T>>(); }
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept override;

 private:
  void mask(const Pass& pass, const Sequences<T>& in, Sequences<T>& out) const;

  double rate_;
  bool variational_;
  std::uint64_t stream_ = 0;
};

}  // namespace carousel
