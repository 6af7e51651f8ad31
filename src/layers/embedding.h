// A vector for each symbol, looked up: y_t = vectors[x_t], where x_t is the symbol's number.
// Bengio, Ducharme, Vincent & Jauvin, "A Neural Probabilistic Language Model", JMLR 3, 2003.
#pragma once

#include "layers/layer.h"
#include "tensor/symbols.h"

namespace carousel {

/// x [T, B, 1] holds numbers of symbols, 0 ... symbols - 1, as values. check_input refuses any other; forward
/// and step, which do not throw for values, make a vector of NaN of it. Numbers of symbols have no
/// derivative: dx is zero.
template <class T>
class Embedding : public Layer<T> {
 public:
  Embedding(std::size_t symbols, std::size_t outputs) : Layer<T>(1, outputs), symbols_(symbols) {}

  std::string kind() const override { return "embedding"; }
  std::string description() const override;
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override;
  std::size_t unit_of(const Parameter&, std::size_t element) const override {
    return element % this->outputs();
  }
  void check_input(const Sequences<T>& x) const override;
  std::unique_ptr<Trace<T>> make_trace() const override { return std::make_unique<Trace<T>>(); }
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept override;

 private:
  void look_up(View<const T> x, View<T> y) const noexcept;

  std::size_t symbols_;
  std::size_t offset_ = 0;    // in the weight vector
  AlignedVector<T> vectors_;  // [symbols, outputs]
};

}  // namespace carousel
