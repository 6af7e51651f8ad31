// Groups of a network's weights that are learned, or varied, together.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/network.h"

namespace carousel {

/// unit: all weights that lead into one unit of one layer, over all its gates and matrices, with biases,
/// peepholes and its first state (Layer::unit_of says which units a layer has); layer: all of a layer; all:
/// all together.
enum class WeightGrouping { unit, layer, all };

/// "unit", "layer", "all"; the words of the options.
const std::vector<std::string>& weight_grouping_names();

/// Places in the weight vector, ascending.
using WeightGroup = std::vector<std::size_t>;

/// Every weight stands in exactly one group. Layers come in the order of the network, those inside a wrapper
/// one after the other, and a layer's units in theirs. No group is empty.
template <class T>
std::vector<WeightGroup> weight_groups(const Network<T>& network, WeightGrouping grouping);

}  // namespace carousel
