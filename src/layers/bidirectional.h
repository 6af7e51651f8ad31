// One layer forward in time and one backward, side by side. Schuster & Paliwal 1997; Graves & Schmidhuber
// 2005.
#pragma once

#include "layers/layer.h"

namespace carousel {

enum class Merge { concat, sum, mean };

/// "concat", "sum", "mean"; the words of the spec.
const std::vector<std::string>& merge_names();

/// State: that of the forward direction, then that of the backward one (initial before the sequence's last
/// step).
template <class T>
class Bidirectional : public Layer<T> {
 public:
  /// Both directions must have the same inputs(), outputs() and output_length().
  Bidirectional(LayerPointer<T> forward, LayerPointer<T> backward, Merge merge = Merge::concat);

  std::string kind() const override { return "bidirectional"; }
  std::string description() const override;
  std::vector<const Layer<T>*> children() const override { return {forward_.get(), backward_.get()}; }
  /// The second is a Reversed, which says ".backward" itself.
  std::string child_name(const std::string& name, std::size_t k) const override {
    return k == 0 ? name + ".forward" : name;
  }
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override;
  std::size_t state_size() const noexcept override {
    return forward_->state_size() + backward_->state_size();
  }
  bool causal() const noexcept override { return false; }
  std::size_t output_length(std::size_t steps) const noexcept override {
    return forward_->output_length(steps);
  }
  void check_input(const Sequences<T>& x) const override { forward_->check_input(x); }
  PassSchedule schedule(const Load& load) const override;
  std::unique_ptr<Trace<T>> make_trace() const override;
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  /// Never called: not causal.
  void step(View<const T>, View<T>, View<T>, T*) const noexcept override { std::terminate(); }
  void recordings(const Trace<T>& trace, const std::string& name,
                  std::vector<Recording<T>>& out) const override;

 private:
  /// Calls task(0) for the forward direction and task(1) for the backward one.
  template <class Task>
  void both(const Pass& pass, const SequenceLayout& layout, Task&& task) const;

  LayerPointer<T> forward_, backward_;  // backward_ is a Reversed
  Merge merge_;
};

}  // namespace carousel
