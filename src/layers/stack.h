// Layers one on another: the output of each is the input of the next.
#pragma once

#include "layers/layer.h"

namespace carousel {

/// State: that of the first layer, then the second, and so on.
template <class T>
class Stack : public Layer<T> {
 public:
  /// At least one layer; each must take what the one before puts out.
  explicit Stack(std::vector<LayerPointer<T>> layers);

  std::string kind() const override { return "stack"; }
  std::vector<const Layer<T>*> children() const override;
  /// The layers' parameters are "name.0.W", "name.1.W", ...
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override;
  std::size_t state_size() const noexcept override { return state_begin_.back(); }
  bool causal() const noexcept override;
  std::size_t output_length(std::size_t steps) const noexcept override;
  void check_input(const Sequences<T>& x) const override { layers_.front()->check_input(x); }
  PassSchedule schedule(const Load& load) const override;
  std::unique_ptr<Trace<T>> make_trace() const override;
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept override;
  std::size_t step_scratch(std::size_t batch) const noexcept override;
  void recordings(const Trace<T>& trace, const std::string& name,
                  std::vector<Recording<T>>& out) const override;

  /// The first layer, "NAME.0 (lstm)", whose output in the last pass, which put out y, holds NaN or Inf; ""
  /// if none does.
  std::string first_non_finite(const std::string& name, const Sequences<T>& y, const Trace<T>& trace) const;
  /// What layer `index` put out in the last pass; the last layer's output is the caller's y.
  const Sequences<T>& output(const Trace<T>& trace, std::size_t index) const;

 private:
  View<T> state_of(View<T> state, std::size_t layer) const noexcept {
    return state.columns(state_begin_[layer], state_begin_[layer + 1] - state_begin_[layer]);
  }
  std::size_t widest() const noexcept;
  bool worth_a_pipeline(const Pass& pass, const SequenceLayout& layout) const;
  void forward_by_layers(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                         Trace<T>& trace) const;

  std::vector<LayerPointer<T>> layers_;
  std::vector<std::size_t> state_begin_;  // first value of each layer's state; last: one past the end
  std::size_t multiply_adds_ = 0;         // of one step of one sequence
};

}  // namespace carousel
