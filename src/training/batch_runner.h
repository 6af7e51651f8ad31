// One batch at a time through a network and a loss: buffers kept from batch to batch, states carried where
// asked.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "losses/loss.h"
#include "model/network.h"
#include "tensor/tensor.h"
#include "training/batch_source.h"
#include "training/recomputation.h"

namespace carousel {

template <class T>
class BatchRunner {
 public:
  /// Both must outlive it. recompute: see training/recomputation.h; the network must be causal.
  BatchRunner(const Network<T>& network, const Loss<T>& loss, bool recompute = false)
      : network_(network), loss_(loss), recompute_(recompute), trace_(network.make_trace()) {}

  /// Checks the batch and sets the states: the last ones where it carries them on, elsewhere those that
  /// sequences begin with. Throws Error or SettingError if the batch does not fit the network, the loss or
  /// the batch before.
  void begin(const Batch<T>& batch);
  /// Loss of x [T, B, inputs] against targets, from the present states, which move on. With pass.training the
  /// derivative is kept for backward.
  LossValue forward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& targets);
  /// After forward with the same pass and x: overwrites gradient (laid out like the weights) with that of the
  /// mean loss.
  void backward(const Pass& pass, const Sequences<T>& x, std::span<T> gradient);
  /// Where NaN or Inf first stands after forward: the input, a layer, the target, or the loss alone.
  std::string first_non_finite(const Sequences<T>& x, const Sequences<T>& targets) const;

  /// [B, state_size] of the last batch: part of a checkpoint.
  const Tensor<T>& state() const noexcept { return state_; }
  void set_state(Tensor<T> state) { state_ = std::move(state); }

 private:
  const Network<T>& network_;
  const Loss<T>& loss_;
  bool recompute_;
  std::unique_ptr<Trace<T>> trace_;
  Recomputation<T> recomputation_;
  Tensor<T> state_, next_state_, dstate_;
  std::vector<std::uint8_t> begins_;  // whether a sequence stands at its first step
  Sequences<T> y_, dy_;
};

/// Loss of the network over a source (epoch 0), dropout off. Throws TrainingError naming batch and layer if
/// it is NaN or infinite, DataError if there is no target at all.
template <class T>
LossValue evaluate_loss(const Network<T>& network, const Loss<T>& loss, const BatchSource<T>& source,
                        ThreadPool& pool);

}  // namespace carousel
