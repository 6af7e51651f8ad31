// From the encoder's last state to the decoder's first: tanh(B s + b) of what both remember. A decoder whose
// memory is divided by a normaliser begins with one of 1: as if it had seen one step of that memory.
#pragma once

#include <vector>

#include "layers/affine.h"
#include "layers/layer.h"

namespace carousel {

/// The buffers of one pass.
template <class T>
struct BridgeTrace {
  Tensor<T> x, y, dx, dy;
  kernels::PackedMatrix<T> packed;
};

template <class T>
class Bridge {
 public:
  Bridge(const Layer<T>& encoder, const Layer<T>& decoder);

  /// What the encoder remembers, and what of the decoder's memory is no normaliser.
  std::size_t inputs() const noexcept { return from_.size(); }
  std::size_t outputs() const noexcept { return to_.size(); }

  /// "bridge.W" [outputs, inputs], "bridge.b" [outputs].
  void declare(ParameterTable& table) { affine_.declare(table, "bridge"); }
  void initialise(std::span<T> weights, std::uint64_t seed) const { affine_.initialise(weights, seed); }
  void pack(std::span<const T> weights, const Packing& packing) { affine_.pack(weights, packing); }

  /// encoder_state [B, the encoder's state] to start [B, the decoder's].
  void forward(ThreadPool& pool, View<const T> encoder_state, View<T> start, BridgeTrace<T>& trace) const;
  /// Adds to the gradient, and makes that on encoder_state.
  void backward(ThreadPool& pool, View<const T> dstart, View<T> dencoder_state, std::span<T> gradient,
                BridgeTrace<T>& trace) const;

 private:
  std::vector<std::size_t> from_, to_, ones_;  // columns of the states
  Affine<T> affine_;
};

}  // namespace carousel
