// From a spec to layers: the one place that knows which word makes which layer.
#pragma once

#include <span>

#include "layers/stack.h"
#include "model/spec.h"

namespace carousel {

/// All kinds of layer, as the spec writes them.
const std::vector<std::string>& layer_kinds();

/// The layers of a spec, one on another, for sequences of `inputs` features. Throws SettingError with the
/// place in the spec, the option and what would work.
template <class T>
std::unique_ptr<Stack<T>> build_stack(std::span<const LayerSpec> spec, std::size_t inputs);

/// How many symbols there are whose numbers the first layer of a spec reads; 0 where it reads any values.
std::size_t symbols_read(std::span<const LayerSpec> spec);

}  // namespace carousel
