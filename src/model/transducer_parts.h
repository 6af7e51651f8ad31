// What the spec of a transducer is built into.
#pragma once

#include <memory>
#include <span>

#include "layers/embedding.h"
#include "layers/joint_network.h"
#include "layers/stack.h"
#include "model/spec.h"

namespace carousel {

template <class T>
struct TransducerParts {
  std::unique_ptr<Stack<T>> encoder;
  Embedding<T> embedding;  // of the symbols, and of what stands before the first
  std::unique_ptr<Stack<T>> prediction;
  JointNetwork<T> joint;

  std::size_t symbols() const noexcept { return joint.outputs() - 1; }
  /// "encoder.0.W", ..., "embedding.vectors", "prediction.0.W", ..., "joint.source.W", ..., "output.W", ...
  ParameterTable declare();
};
/// Throws SettingError with the place in the spec, the option and what would work.
template <class T>
TransducerParts<T> build_transducer(std::span<const LayerSpec> spec, std::size_t inputs);

}  // namespace carousel
