// What can be trained: a network, an encoder-decoder or a transducer.
#pragma once

#include <memory>
#include <variant>

#include "training/batch_runner.h"

namespace carousel {

/// Refers to a model, which must outlive it.
template <class T>
class Trainee {
 public:
  Trainee(Network<T>& network) : model_(&network) {}
  Trainee(EncoderDecoder<T>& model) : model_(&model) {}
  Trainee(Transducer<T>& model) : model_(&model) {}

  Weighted<T>& weighted() const {
    return *std::visit([](auto* model) -> Weighted<T>* { return model; }, model_);
  }
  /// The network, where it is one; else null.
  Network<T>* network() const noexcept {
    const auto* network = std::get_if<Network<T>*>(&model_);
    return network == nullptr ? nullptr : *network;
  }
  /// Takes its batches. The loss must outlive it. recompute: of a network alone.
  std::unique_ptr<BatchRunner<T>> make_runner(const Loss<T>& loss, bool recompute) const {
    if (const auto* network = std::get_if<Network<T>*>(&model_))
      return std::make_unique<NetworkRunner<T>>(**network, loss, recompute);
    if (const auto* model = std::get_if<Transducer<T>*>(&model_))
      return std::make_unique<TransducerRunner<T>>(**model, loss);
    return std::make_unique<EncoderDecoderRunner<T>>(*std::get<EncoderDecoder<T>*>(model_), loss);
  }

 private:
  std::variant<Network<T>*, EncoderDecoder<T>*, Transducer<T>*> model_;
};

}  // namespace carousel
