#include "model/network.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/builder.h"

namespace carousel {

namespace {

/// 8 GB of float weights: a spec beyond that is a slip of the pen.
constexpr std::size_t kMaxParameters = std::size_t{1} << 31;

constexpr std::size_t kMaxInputs = std::size_t{1} << 24;

template <class T>
bool all_finite(std::span<const T> values) {
  return std::ranges::all_of(values, [](T v) { return std::isfinite(v); });
}

template <class T>
ParameterTable declare(Stack<T>& stack, std::size_t inputs) {
  if (inputs == 0 || inputs > kMaxInputs)
    throw SettingError(
        fmt::format("network: from 1 to {} input features are possible, got {}", kMaxInputs, inputs));
  ParameterTable table;
  stack.declare(table, "layers");
  if (table.size() > kMaxParameters)
    throw SettingError(fmt::format("network: {} parameters, at most {} are possible; make the layers smaller",
                                   table.size(), kMaxParameters));
  return table;
}

}  // namespace

ParameterTable parameters_of(std::span<const LayerSpec> spec, std::size_t inputs) {
  return declare(*build_stack<float>(spec, inputs), inputs);
}

template <class T>
Network<T>::Network(const std::vector<LayerSpec>& spec, std::size_t inputs, Bare) : spec_(spec) {
  stack_ = build_stack<T>(spec_, inputs);
  parameters_ = declare(*stack_, inputs);
  weights_.assign(parameters_.size(), T(0));
}

template <class T>
Network<T>::Network(const std::vector<LayerSpec>& spec, std::size_t inputs, std::uint64_t seed)
    : Network(spec, inputs, Bare()) {
  const kernels::StandardFloatMode mode;
  stack_->initialise(weights_, seed);
  stack_->pack(weights_, packing_);
}

template <class T>
void Network<T>::pack(const Packing& packing) {
  const kernels::StandardFloatMode mode;
  packing_ = packing;
  if (packing.weights != WeightFormat::float32) round_weights();
  stack_->pack(weights_, packing_);
}

template <class T>
void Network<T>::round_weights() {
  if constexpr (std::is_same_v<T, float>) {
    for (const Parameter& parameter : parameters_.all()) {
      if (!parameter.matrix) continue;
      const std::span<float> values = std::span(weights_).subspan(parameter.offset, parameter.shape.size());
      if (!all_finite(std::span<const float>(values)))
        throw Error(fmt::format("[network.pack] \"{}\": a weight of {} must be finite", parameter.name,
                                name(packing_.weights)));
      kernels::round_weights(packing_.weights, values.data(), parameter.shape[0], parameter.shape[1]);
    }
  } else {
    throw SettingError(
        fmt::format("weights: {} is for networks of float; this one is of double", name(packing_.weights)));
  }
}

template <class T>
void Network<T>::set_weights(std::span<const T> weights) {
  if (weights.size() != weights_.size())
    throw Error(
        fmt::format("[network.set_weights] expected {} values, got {}", weights_.size(), weights.size()));
  update_weights([&](std::span<T> mine) { std::ranges::copy(weights, mine.begin()); });
}

template <class T>
void Network<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                          const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                          Trace<T>& trace) const {
  if (gradient.size() != weights_.size())
    throw Error(fmt::format("[network.backward] expected a gradient of {} values, got {}", weights_.size(),
                            gradient.size()));
  if (!packing_.backward)
    throw Error("[network.backward] the network was made for inference; pack it with backward to train it");
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

template <class T>
std::string Network<T>::first_non_finite(const Sequences<T>& y, const Trace<T>& trace) const {
  const std::size_t layers = stack_->children().size();
  for (std::size_t i = 0; i < layers; ++i) {
    const Sequences<T>& output = i + 1 == layers ? y : stack_->output(trace, i);
    if (!all_finite(output.values())) return fmt::format("layers.{} ({})", i, stack_->children()[i]->kind());
  }
  return "";
}

template class Network<float>;
template class Network<double>;

}  // namespace carousel
