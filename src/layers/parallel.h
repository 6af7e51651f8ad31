// Several layers that get the same input; their outputs stand side by side.
#pragma once

#include "layers/layer.h"

namespace carousel {

/// State: that of the first branch, then the second, and so on.
template <class T>
class Parallel final : public Layer<T> {
 public:
  /// At least one branch, all of the same inputs(). Throws SettingError unless all keep lengths.
  explicit Parallel(std::vector<LayerPointer<T>> branches);

  std::string kind() const override { return "parallel"; }
  std::string description() const override;
  std::vector<const Layer<T>*> children() const override;
  /// The branches' parameters are "name.0.W", "name.1.W", ...
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override;
  std::size_t state_size() const noexcept override { return state_begin_.back(); }
  bool causal() const noexcept override;
  void check_input(const Sequences<T>& x) const override;
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

 private:
  View<T> state_of(View<T> state, std::size_t branch) const noexcept {
    return state.columns(state_begin_[branch], state_begin_[branch + 1] - state_begin_[branch]);
  }
  /// Of the branch, among the columns of y.
  template <class Value>
  View<Value> outputs_of(View<Value> y, std::size_t branch) const noexcept {
    return y.columns(output_begin_[branch], branches_[branch]->outputs());
  }

  std::vector<LayerPointer<T>> branches_;
  std::vector<std::size_t> state_begin_, output_begin_;  // of each branch; last: one past the end
};

}  // namespace carousel
