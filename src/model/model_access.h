// What is inside the public Model, for the floors above that train and inspect it.
#pragma once

#include <carousel/model.h>

#include "model/model_file.h"

namespace carousel {

struct Model::Body {
  Network<float> network;
  Metadata metadata;

  Body(Network<float> n, Metadata m) : network(std::move(n)), metadata(std::move(m)) {}
  /// Layers cannot be copied, but built again and given the same weights.
  Network<float> copy_network() const {
    Network<float> copy(network.spec(), network.inputs());
    copy.set_weights(network.weights());
    return copy;
  }
};

/// The door for code inside the engine.
struct ModelAccess {
  static const Network<float>& network(const Model& model) { return model.body_->network; }
  static Network<float> copy_network(const Model& model) { return model.body_->copy_network(); }
};

}  // namespace carousel
