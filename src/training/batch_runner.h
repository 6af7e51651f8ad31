// One batch at a time through what is trained and a loss: buffers kept from batch to batch.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "losses/loss.h"
#include "model/encoder_decoder.h"
#include "model/network.h"
#include "model/transducer.h"
#include "tensor/tensor.h"
#include "training/batch_source.h"
#include "training/recomputation.h"

namespace carousel {

struct BpttOptions;

template <class T>
class BatchRunner {
 public:
  virtual ~BatchRunner() = default;

  /// Throws SettingError, naming the option and what would work, for one that cannot be honoured.
  virtual void check(const BpttOptions& options) const = 0;
  /// Checks the batch and sets the states: the last ones where it carries them on, elsewhere those that
  /// sequences begin with. Throws Error or SettingError if the batch does not fit the network, the loss or
  /// the batch before.
  virtual void begin(const Batch<T>& batch) = 0;
  /// Loss of x [T, B, inputs] against targets, from the present states, which move on. With pass.training the
  /// derivative is kept for backward. sampling: as of EncoderDecoder::forward; the others have none.
  virtual LossValue forward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& targets,
                            double sampling) = 0;
  /// After forward with the same pass and x: overwrites gradient (laid out like the weights) with that of the
  /// mean loss.
  virtual void backward(const Pass& pass, const Sequences<T>& x, std::span<T> gradient) = 0;
  /// Where NaN or Inf first stands after forward: the input, a layer, the target, or the loss alone.
  virtual std::string first_non_finite(const Sequences<T>& x, const Sequences<T>& targets) const = 0;

  /// Where the sequences of the batch stand, to come back to.
  struct Place {
    Tensor<T> state;
    std::vector<std::uint8_t>
        begins;  // where sequences are cut in time: whether one stands at its first step
  };
  virtual Place place() const { return {state_, {}}; }
  virtual void go_to(const Place& place) { state_ = place.state; }

  /// [B, state_size()] of the last batch: part of a checkpoint.
  virtual std::size_t state_size() const noexcept { return 0; }
  const Tensor<T>& state() const noexcept { return state_; }
  void set_state(Tensor<T> state) { state_ = std::move(state); }

 protected:
  Tensor<T> state_;
};

template <class T>
class NetworkRunner final : public BatchRunner<T> {
 public:
  /// Both must outlive it. recompute: see training/recomputation.h; the network must be causal.
  NetworkRunner(const Network<T>& network, const Loss<T>& loss, bool recompute = false)
      : network_(network), loss_(loss), recompute_(recompute), trace_(network.make_trace()) {}

  void check(const BpttOptions& options) const override;
  void begin(const Batch<T>& batch) override;
  LossValue forward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& targets,
                    double sampling) override;
  void backward(const Pass& pass, const Sequences<T>& x, std::span<T> gradient) override;
  std::string first_non_finite(const Sequences<T>& x, const Sequences<T>& targets) const override;
  typename BatchRunner<T>::Place place() const override { return {state_, begins_}; }
  void go_to(const typename BatchRunner<T>::Place& place) override {
    state_ = place.state, begins_ = place.begins;
  }
  std::size_t state_size() const noexcept override { return network_.state_size(); }

 private:
  using BatchRunner<T>::state_;

  const Network<T>& network_;
  const Loss<T>& loss_;
  bool recompute_;
  std::unique_ptr<Trace<T>> trace_;
  Recomputation<T> recomputation_;
  Tensor<T> next_state_, dstate_;
  std::vector<std::uint8_t> begins_;    // whether a sequence stands at its first step
  std::vector<std::uint8_t> at_start_;  // whether it did when forward came
  std::vector<std::size_t> lengths_;    // of the outputs
  Sequences<T> y_, dy_;
};

/// Targets are symbols [U, B, 1] of any lengths, and the loss is that of each of them and of the end behind
/// them. No state is carried on.
template <class T>
class EncoderDecoderRunner final : public BatchRunner<T> {
 public:
  /// Both must outlive it.
  EncoderDecoderRunner(const EncoderDecoder<T>& model, const Loss<T>& loss)
      : model_(model), loss_(loss), trace_(model.make_trace()) {}

  void check(const BpttOptions& options) const override;
  void begin(const Batch<T>& batch) override;
  LossValue forward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& targets,
                    double sampling) override;
  void backward(const Pass& pass, const Sequences<T>& x, std::span<T> gradient) override;
  std::string first_non_finite(const Sequences<T>& x, const Sequences<T>& targets) const override;

 private:
  const EncoderDecoder<T>& model_;
  const Loss<T>& loss_;
  EncoderDecoderTrace<T> trace_;
  Sequences<T> logits_, dlogits_, expected_;
};

/// Targets are symbols [U, B, 1] of any lengths, and the loss is the transducer's. No state is carried on.
template <class T>
class TransducerRunner final : public BatchRunner<T> {
 public:
  /// Both must outlive it.
  TransducerRunner(const Transducer<T>& model, const Loss<T>& loss)
      : model_(model), loss_(loss), trace_(model.make_trace()) {}

  void check(const BpttOptions& options) const override;
  void begin(const Batch<T>& batch) override;
  LossValue forward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& targets,
                    double sampling) override;
  void backward(const Pass& pass, const Sequences<T>& x, std::span<T> gradient) override;
  std::string first_non_finite(const Sequences<T>& x, const Sequences<T>& targets) const override;

 private:
  const Transducer<T>& model_;
  const Loss<T>& loss_;
  TransducerTrace<T> trace_;
  Sequences<T> logits_, dlogits_;
};

/// Ends the sentence that there is no target, for a value that counts none.
std::string why_none_counts(const LossValue& value);

/// Loss over a source (epoch 0), dropout off; of an encoder-decoder with the targets' own symbols before each
/// step. Throws TrainingError naming batch and layer if it is NaN or infinite, DataError if there is no
/// target at all.
template <class T>
LossValue evaluate_loss(BatchRunner<T>& runner, const BatchSource<T>& source, ThreadPool& pool);
template <class T>
LossValue evaluate_loss(const Network<T>& network, const Loss<T>& loss, const BatchSource<T>& source,
                        ThreadPool& pool) {
  NetworkRunner<T> runner(network, loss);
  return evaluate_loss<T>(runner, source, pool);
}
template <class T>
LossValue evaluate_loss(const EncoderDecoder<T>& model, const Loss<T>& loss, const BatchSource<T>& source,
                        ThreadPool& pool) {
  EncoderDecoderRunner<T> runner(model, loss);
  return evaluate_loss<T>(runner, source, pool);
}
template <class T>
LossValue evaluate_loss(const Transducer<T>& model, const Loss<T>& loss, const BatchSource<T>& source,
                        ThreadPool& pool) {
  TransducerRunner<T> runner(model, loss);
  return evaluate_loss<T>(runner, source, pool);
}

}  // namespace carousel
