// Puts out symbols one by one while it looks at a memory of sequences. With y_t the symbol of step t, m the
// steps of the sequence and s the layers' state:
//
//   h_t = layers([vector of y_{t-1}; c_{t-1}], s_{t-1})        the context is fed back: Luong, Pham & Manning
//   2015, 3.3 c_t = attention(h_t, m) logits_t = W [h_t; c_t] + b                                over all
//   symbols and the end
//
// c_{-1} is zero. The symbols are 0 ... symbols - 1; the number behind them is the end, which is also what
// stands before the first symbol. So a target of n symbols takes n + 1 steps.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "layers/attention.h"
#include "layers/embedding.h"
#include "layers/layer.h"

namespace carousel {

/// The buffers of one pass. Rows are in storage order of the steps' layout.
template <class T>
struct DecoderTrace {
  /// One step of the layers, for the sequences that are still running.
  struct Step {
    Sequences<T> x, y;
    std::unique_ptr<Trace<T>> layers;
  };

  LayoutPointer layout;  // of the steps
  AttentionMemory<T> memory;
  Sequences<T> fed;                        // [rows, 1] the symbols before
  Tensor<T> joined;                        // [rows, H + M] h and c
  Tensor<T> weights;                       // of attention: sequence by sequence [steps, source steps]
  std::vector<std::size_t> weights_begin;  // [B]
  std::vector<Gaze<T>> gazes;              // of one step
  std::vector<LayoutPointer> running;      // of so many sequences, one step each
  std::vector<Step> steps;                 // one, if they are not kept
  bool kept = false;
  Tensor<T> state;  // [B, S] slots
  AlignedVector<T> scratch;
  // Backward.
  Tensor<T> djoined, projected;
  Tensor<T> dquery;     // [B, H] slots, of one step
  Sequences<T> dfed;    // [rows, E]
  Sequences<T> dx, dy;  // of one step
  Tensor<T> dstate;     // [B, S] slots
  AttentionGradient<T> attention;
  kernels::PackedMatrix<T> packed;
  Trace<T> embedding;

  /// What sequence b looked at in the last pass: [its steps, steps of its source], each row sums to one.
  View<const T> weights_of(std::size_t b) const noexcept {
    return {weights.data() + weights_begin[b], layout->length(b), memory.steps(b)};
  }
};

/// One step of R rows side by side, for search.
template <class T>
struct DecoderStep {
  View<const T> symbols;  ///< [R, 1] those before
  View<T> state;          ///< [R, state_size()] updated
  View<T> joined;         ///< [R, H + M] in: c_{t-1} behind the first H columns; out: h_t and c_t
  std::span<const Gaze<T>> gazes;
  View<T> logits;  ///< [R, symbols + 1] out
  T* scratch;      ///< R * step_scratch() values
};

template <class T>
class AttentionDecoder {
 public:
  /// layers: causal, from embedding + features to H values; features: M, those of the memory.
  AttentionDecoder(std::size_t symbols, std::size_t embedding, std::size_t features, LayerPointer<T> layers,
                   Attention<T> attention);

  std::size_t symbols() const noexcept { return symbols_; }
  std::size_t features() const noexcept { return features_; }
  std::size_t state_size() const noexcept { return layers_->state_size(); }
  /// Columns of DecoderStep::joined.
  std::size_t joined() const noexcept { return layers_->outputs() + features_; }
  const Layer<T>& layers() const noexcept { return *layers_; }
  const Attention<T>& attention() const noexcept { return attention_; }
  const Embedding<T>& embedding() const noexcept { return embedding_; }

  /// Parameters: embedding.vectors, decoder. those of the layers, attention. its own, output.W, output.b.
  void declare(ParameterTable& table);
  void initialise(std::span<T> weights, std::uint64_t seed) const;
  void pack(std::span<const T> weights, const Packing& packing);

  DecoderTrace<T> make_trace() const { return {}; }

  /// memory [S, B, M], targets [U, B, 1], symbols 0 ... symbols - 1, and state [B, state_size()], that before
  /// the first step -> logits [U + 1, B, symbols + 1].
  ///
  /// The symbol before each step is the target's; where it is not the first, with probability `sampling` one
  /// drawn from the softmax of the step before instead (Bengio, Vinyals, Jaitly & Shazeer, NIPS 2015), by
  /// random numbers of (pass.seed, pass.update, place in the batch, step).
  void forward(const Pass& pass, const Sequences<T>& memory, const Sequences<T>& targets, double sampling,
               View<const T> state, Sequences<T>& logits, DecoderTrace<T>& trace) const;
  /// After forward with pass.training. Symbols that were drawn count as given. dstate [B, state_size()] and
  /// dmemory: overwritten. gradient, laid out like the weights, is added to.
  void backward(const Pass& pass, const Sequences<T>& dlogits, View<T> dstate, Sequences<T>& dmemory,
                std::span<T> gradient, DecoderTrace<T>& trace) const;

  /// How the steps of a search are shared out, whose batch is hypotheses.
  PassSchedule search_schedule(const Load& load) const { return load.by_rows(); }
  /// Same bits as forward; rows do not depend on each other. No allocation, no exception.
  void step(const AttentionMemory<T>& memory, const DecoderStep<T>& step) const noexcept;
  std::size_t step_scratch() const noexcept;
  /// Of a row's step while it looks at so many steps: for the splitting of work.
  std::size_t multiply_adds(std::size_t steps) const noexcept;

 private:
  using Tr = DecoderTrace<T>;
  void prepare(const Pass& pass, const Sequences<T>& memory, const Sequences<T>& targets, View<const T> state,
               Tr& trace) const;
  /// The gazes of step t, slot by slot.
  void aim(std::size_t t, Tr& trace) const;
  void feed(const Pass& pass, const Sequences<T>& targets, double sampling, std::size_t t,
            const Sequences<T>& logits, Tr& trace) const;
  /// From h of step t, in the first columns of trace.joined, to the context behind it.
  void look(const Pass& pass, std::size_t t, Tr& trace) const;
  /// The logits of some rows of trace.joined.
  void put_out(const Pass& pass, View<const T> joined_rows, View<T> logits) const;
  void backward_step(const Pass& pass, std::size_t t, std::span<T> gradient, Tr& trace) const;

  std::size_t symbols_, embedding_width_, features_;
  Embedding<T> embedding_;
  LayerPointer<T> layers_;
  Attention<T> attention_;
  Affine<T> output_;
  std::uint64_t stream_ = 0;
  std::size_t layer_weights_ = 0;
};

}  // namespace carousel
