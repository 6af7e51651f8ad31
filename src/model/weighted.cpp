#include "model/weighted.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace carousel {

namespace {
/// 8 GB of float weights: a spec beyond that is a slip of the pen.
constexpr std::size_t kMaxParameters = std::size_t{1} << 31;
constexpr std::size_t kMaxInputs = std::size_t{1} << 24;
}  // namespace

void check_inputs(std::size_t inputs) {
  if (inputs == 0 || inputs > kMaxInputs)
    throw SettingError(
        fmt::format("network: from 1 to {} input features are possible, got {}", kMaxInputs, inputs));
}

void check_parameter_count(const ParameterTable& table) {
  if (table.size() > kMaxParameters)
    throw SettingError(fmt::format("network: {} parameters, at most {} are possible; make the layers smaller",
                                   table.size(), kMaxParameters));
}

template <class T>
void Weighted<T>::set_parameters(ParameterTable table) {
  check_parameter_count(table);
  parameters_ = std::move(table);
  weights_.assign(parameters_.size(), T(0));
}

template <class T>
void Weighted<T>::pack(const Packing& packing) {
  const kernels::StandardFloatMode mode;
  packing_ = packing;
  if (packing.weights != WeightFormat::float32) round_weights();
  pack_layers(weights_, packing_);
}

template <class T>
void Weighted<T>::round_weights() {
  if constexpr (std::is_same_v<T, float>) {
    for (const Parameter& parameter : parameters_.all()) {
      if (!parameter.matrix) continue;
      const std::span<float> values = std::span(weights_).subspan(parameter.offset, parameter.shape.size());
      if (!std::ranges::all_of(values, [](float v) { return std::isfinite(v); }))
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
void Weighted<T>::set_weights(std::span<const T> weights) {
  if (weights.size() != weights_.size())
    throw Error(
        fmt::format("[network.set_weights] expected {} values, got {}", weights_.size(), weights.size()));
  update_weights([&](std::span<T> mine) { std::ranges::copy(weights, mine.begin()); });
}

template <class T>
void Weighted<T>::check_gradient(const char* where, std::size_t size) const {
  if (size != weights_.size())
    throw Error(fmt::format("[{}] expected a gradient of {} values, got {}", where, weights_.size(), size));
  if (!packing_.backward)
    throw Error(
        fmt::format("[{}] the network was made for inference; pack it with backward to train it", where));
}

template class Weighted<float>;
template class Weighted<double>;

}  // namespace carousel
