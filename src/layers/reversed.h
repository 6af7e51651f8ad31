// Runs a layer over each sequence from its last step to its first; the output stands in the order of the
// input.
#pragma once

#include "layers/layer.h"

namespace carousel {

/// out gets each sequence of `in` back to front. out is reshaped; it must not be `in`.
template <class T>
void reverse_time(const Sequences<T>& in, Sequences<T>& out);

/// The state is that of the inner layer: initial state before the *last* step of the sequence.
template <class T>
class Reversed : public Layer<T> {
 public:
  explicit Reversed(LayerPointer<T> inner)
      : Layer<T>(inner->inputs(), inner->outputs()), inner_(std::move(inner)) {}

  std::string kind() const override { return "reversed"; }
  std::vector<const Layer<T>*> children() const override { return {inner_.get()}; }
  std::string child_name(const std::string& name, std::size_t) const override { return name + ".backward"; }
  void declare(ParameterTable& table, const std::string& name) override {
    inner_->declare(table, child_name(name, 0));
  }
  void initialise(std::span<T> weights, std::uint64_t seed) const override {
    inner_->initialise(weights, seed);
  }
  void pack(std::span<const T> weights, const Packing& packing) override { inner_->pack(weights, packing); }
  std::size_t state_size() const noexcept override { return inner_->state_size(); }
  bool causal() const noexcept override { return false; }
  std::size_t output_length(std::size_t steps) const noexcept override {
    return inner_->output_length(steps);
  }
  void check_input(const Sequences<T>& x) const override { inner_->check_input(x); }
  PassSchedule schedule(const Load& load) const override { return inner_->schedule(load); }
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
  LayerPointer<T> inner_;
};

}  // namespace carousel
