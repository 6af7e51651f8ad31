// What is inside the public Model, for the floors above that train and inspect it.
#pragma once

#include <carousel/model.h>

#include <algorithm>

#include "model/model_file.h"

namespace carousel {

struct Model::Body {
  Network<float> network;
  Metadata metadata;

  Body(Network<float> n, Metadata m) : network(std::move(n)), metadata(std::move(m)) {}
  /// Layers cannot be copied, but built again and given the same weights.
  Network<float> copy_network(const Packing& packing) const {
    return Network<float>::filled(network.spec(), network.inputs(), packing,
                                  [this](const ParameterTable&, std::span<float> values) {
                                    std::ranges::copy(network.weights(), values.begin());
                                  });
  }
};

/// The door for code inside the engine.
struct ModelAccess {
  static const Network<float>& network(const Model& model) { return model.body_->network; }
  /// To be trained. Throws SettingError where the model keeps its weights in fewer bits than float32.
  static Network<float> copy_for_training(const Model& model);
};

}  // namespace carousel
