// What the specs of models of two parts have in common: an encoder that reads the source, and a part that
// sees the symbols as they are put out.
#pragma once

#include "layers/stack.h"
#include "model/spec.h"

namespace carousel {

/// The layers of NAME(...), which must be part `index` of those in the parentheses of the whole. Refuses
/// anything else with what was expected.
const std::vector<LayerSpec>& part_layers(const LayerReader& whole, const std::vector<LayerSpec>& parts,
                                          std::size_t index, std::string_view name,
                                          std::string_view expected);

/// The layers of a part, called NAME, whose input begins with the vector of the symbol before. Throws
/// SettingError for layers that cannot make one step after another, and for an embedding, which it has
/// already.
template <class T>
std::unique_ptr<Stack<T>> build_symbol_reader(const std::vector<LayerSpec>& spec, std::size_t inputs,
                                              std::string_view name);

}  // namespace carousel
