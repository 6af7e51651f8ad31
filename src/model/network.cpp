#include "model/network.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

#include "model/builder.h"

namespace carousel {

namespace {

template <class T>
ParameterTable declare(Stack<T>& stack, std::size_t inputs) {
  check_inputs(inputs);
  ParameterTable table;
  stack.declare(table, "layers");
  check_parameter_count(table);
  return table;
}

}  // namespace

ParameterTable parameters_of(std::span<const LayerSpec> spec, std::size_t inputs) {
  return declare(*build_stack<float>(spec, inputs), inputs);
}

template <class T>
Network<T>::Network(const std::vector<LayerSpec>& spec, std::size_t inputs, Bare) : spec_(spec) {
  stack_ = build_stack<T>(spec_, inputs);
  this->set_parameters(declare(*stack_, inputs));
}

template <class T>
Network<T>::Network(const std::vector<LayerSpec>& spec, std::size_t inputs, std::uint64_t seed)
    : Network(spec, inputs, Bare()) {
  const kernels::StandardFloatMode mode;
  stack_->initialise(this->mutable_weights(), seed);
  this->pack({});
}

template <class T>
void Network<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                          const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                          Trace<T>& trace) const {
  this->check_gradient("network.backward", gradient.size());
  const kernels::StandardFloatMode mode;
  stack_->backward(pass, x, y, dy, dstate, dx, gradient, trace);
}

template <class T>
std::string Network<T>::first_not_causal() const {
  const std::vector<const Layer<T>*> layers = stack_->children();
  const auto found = std::ranges::find_if(layers, [](const Layer<T>* layer) { return !layer->causal(); });
  return found == layers.end() ? "" : fmt::format("layers.{} ({})", found - layers.begin(), (*found)->kind());
}

template <class T>
std::vector<Recording<T>> Network<T>::recordings(const Trace<T>& trace) const {
  std::vector<Recording<T>> result;
  stack_->recordings(trace, "layers", result);
  return result;
}

template class Network<float>;
template class Network<double>;

}  // namespace carousel
