// What is inside the public Model, for the floors above that train and inspect it.
#pragma once

#include <carousel/model.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

#include "base/thread_pool.h"
#include "model/model_file.h"
#include "tensor/sequences.h"

namespace carousel {

/// Threads and buffers of a call of predict, kept for the next one: a pass of a shape had before allocates
/// nothing.
struct Workbench {
  std::size_t threads;  // as asked for
  ThreadPool pool;
  std::unique_ptr<Trace<float>> trace;
  Sequences<float> x, y;
  Tensor<float> state;

  Workbench(const Network<float>& network, std::size_t asked)
      : threads(asked), pool(asked), trace(network.make_trace()) {}
};

struct Model::Body {
  Network<float> network;
  Metadata metadata;
  mutable std::mutex mutex;                              // of what follows
  mutable std::vector<std::unique_ptr<Workbench>> idle;  // as many as there were calls at once

  Body(Network<float> n, Metadata m) : network(std::move(n)), metadata(std::move(m)) {}
  std::unique_ptr<Workbench> take(std::size_t threads) const {
    const std::lock_guard lock(mutex);
    const auto found = std::ranges::find(idle, threads, [](const auto& bench) { return bench->threads; });
    if (found == idle.end()) return std::make_unique<Workbench>(network, threads);
    std::unique_ptr<Workbench> bench = std::move(*found);
    idle.erase(found);
    return bench;
  }
  void give_back(std::unique_ptr<Workbench> bench) const {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(bench));
  }
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
