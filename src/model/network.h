// A network: a stack of layers built from a spec, and its weights as one vector.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "layers/stack.h"
#include "model/spec.h"
#include "model/weighted.h"

namespace carousel {

template <class T>
class Network final : public Weighted<T> {
 public:
  /// Builds `spec` for sequences of `inputs` features. The weights are initialised from the seed.
  /// Throws SettingError naming the option when something in the spec cannot be done.
  Network(const std::vector<LayerSpec>& spec, std::size_t inputs, std::uint64_t seed = 0);
  Network(std::string_view spec, std::size_t inputs, std::uint64_t seed = 0)
      : Network(parse_spec(spec), inputs, seed) {}
  /// With the weights that `fill` writes, for what `packing` says. Throws what `fill` throws; SettingError
  /// and Error like pack.
  template <class Fill>
  static Network filled(const std::vector<LayerSpec>& spec, std::size_t inputs, const Packing& packing,
                        Fill&& fill) {
    const kernels::StandardFloatMode mode;
    Network network(spec, inputs, Bare());
    fill(network.parameters(), network.mutable_weights());
    network.pack(packing);
    return network;
  }

  const std::vector<LayerSpec>& spec() const noexcept { return spec_; }
  std::size_t inputs() const noexcept { return stack_->inputs(); }
  std::size_t outputs() const noexcept { return stack_->outputs(); }
  std::size_t state_size() const noexcept { return stack_->state_size(); }
  bool causal() const noexcept { return stack_->causal(); }
  /// The first layer that is not: "layers.0 (bidirectional)"; "" if all are.
  std::string first_not_causal() const;
  /// Steps that come out of a sequence of so many.
  std::size_t output_length(std::size_t steps) const noexcept { return stack_->output_length(steps); }
  /// The layers of the spec, first to last.
  std::vector<const Layer<T>*> layers() const { return stack_->children(); }

  /// How a pass is shared out to threads, seen from the outermost layer that decides.
  PassSchedule schedule(const Load& load) const { return stack_->schedule(load); }

  /// The state of a sequence that begins, into each row [state_size()]; and what of the gradient on those
  /// rows reaches the weights, added.
  void start(View<T> state) const { stack_->start(this->weights(), state); }
  Tensor<T> start(std::size_t sequences) const {
    Tensor<T> state({sequences, state_size()});
    start(state.matrix());
    return state;
  }
  void start_gradient(View<const T> dstate, std::span<T> gradient) const {
    stack_->start_gradient(dstate, gradient);
  }

  std::unique_ptr<Trace<T>> make_trace() const { return stack_->make_trace(); }

  /// See Layer: the same calls, for the whole network. forward checks x.
  void check_input(const Sequences<T>& x) const { stack_->check_input(x); }
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const {
    const kernels::StandardFloatMode mode;
    check_input(x);
    stack_->forward(pass, x, state, y, trace);
  }
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept {
    const kernels::StandardFloatMode mode;
    stack_->step(x, state, y, scratch);
  }
  std::size_t step_scratch(std::size_t batch) const noexcept { return stack_->step_scratch(batch); }

  /// Gates and cell states of the last recorded pass.
  std::vector<Recording<T>> recordings(const Trace<T>& trace) const;
  /// The first layer ("layers.0 (lstm)") whose output in this pass holds NaN or Inf; "" if none does.
  std::string first_non_finite(const Sequences<T>& y, const Trace<T>& trace) const {
    return stack_->first_non_finite("layers", y, trace);
  }

 private:
  struct Bare {};
  /// All weights 0, not packed.
  Network(const std::vector<LayerSpec>& spec, std::size_t inputs, Bare);
  void pack_layers(std::span<const T> weights, const Packing& packing) override {
    stack_->pack(weights, packing);
  }

  std::vector<LayerSpec> spec_;
  std::unique_ptr<Stack<T>> stack_;
};

/// The parameters that a spec would have; allocates none of them. Throws SettingError like Network.
ParameterTable parameters_of(std::span<const LayerSpec> spec, std::size_t inputs);

}  // namespace carousel
