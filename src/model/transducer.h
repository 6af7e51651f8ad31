// From a sequence to symbols, any number of them at each step: an encoder reads the source, a prediction
// network the symbols put out so far, and a joint network says of each step of the one with each of the other
// which symbol comes next, or that it is time for the next step (the blank).
//
//   m = encoder(x);  g = prediction(vectors of [N, y_1, ..., y_U]);  logits_tu = joint(m_t, g_u)
//
//   transducer(encoder(bidirectional(lstm 64)), prediction(lstm 64)) symbols=40 embedding=32 joint=64
//
// Graves, "Sequence Transduction with Recurrent Neural Networks", 2012; the joint network as in Graves,
// Mohamed & Hinton, ICASSP 2013. With a causal encoder it needs nothing of the source beyond the step it is
// at.
#pragma once

#include <string_view>
#include <vector>

#include "layers/embedding.h"
#include "layers/joint_network.h"
#include "layers/stack.h"
#include "model/spec.h"
#include "model/transducer_search.h"
#include "model/weighted.h"

namespace carousel {

/// Whether a spec is that of a transducer, which Network does not build.
bool is_transducer(std::span<const LayerSpec> spec) noexcept;

/// The buffers of one pass.
template <class T>
struct TransducerTrace {
  std::unique_ptr<Trace<T>> encoder, prediction;
  Sequences<T> memory;                        // [S, B, M] what the encoder made of the sources
  Tensor<T> encoder_state, prediction_state;  // [B, theirs], the last
  Sequences<T> fed, embedded, predictions;    // [U + 1, B, ...] symbols before, their vectors, g
  JointTrace<T> joint;
  Trace<T> embedding;
  // Backward.
  Sequences<T> dmemory, dpredictions, dembedded;
  Tensor<T> dencoder_state, dprediction_state;
};

template <class T>
class Transducer final : public Weighted<T> {
 public:
  /// As Network: for sources of `inputs` features, weights initialised from the seed.
  Transducer(const std::vector<LayerSpec>& spec, std::size_t inputs, std::uint64_t seed = 0);
  Transducer(std::string_view spec, std::size_t inputs, std::uint64_t seed = 0)
      : Transducer(parse_spec(spec), inputs, seed) {}
  template <class Fill>
  static Transducer filled(const std::vector<LayerSpec>& spec, std::size_t inputs, const Packing& packing,
                           Fill&& fill) {
    const kernels::StandardFloatMode mode;
    Transducer result(spec, inputs, Bare());
    fill(result.parameters(), result.mutable_weights());
    result.pack(packing);
    return result;
  }
  /// The parameters that a spec would have; allocates none of them.
  static ParameterTable parameters_of(std::span<const LayerSpec> spec, std::size_t inputs);

  const std::vector<LayerSpec>& spec() const noexcept { return spec_; }
  std::size_t inputs() const noexcept { return parts_.encoder->inputs(); }
  /// Symbols that targets are made of, 0 ... symbols() - 1. The number symbols() is the blank.
  std::size_t symbols() const noexcept { return parts_.joint.outputs() - 1; }
  /// Steps of the encoder's output, which a transcript's time stamps count, for a source of so many.
  std::size_t output_length(std::size_t steps) const noexcept { return parts_.encoder->output_length(steps); }
  const TransducerParts<T>& parts() const noexcept { return parts_; }

  TransducerTrace<T> make_trace() const;

  /// x [S, B, inputs()], targets [U, B, 1] -> logits [output_length(S) (U + 1), B, symbols() + 1], the
  /// lattices as the loss "transducer" takes them (losses/transducer_loss.h). Either may have empty
  /// sequences. Throws Error for other shapes and for targets that are no symbols.
  void forward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& targets, Sequences<T>& logits,
               TransducerTrace<T>& trace) const;
  /// After a forward with pass.training, with the same x and trace. dx, if not null: reshaped and
  /// overwritten. gradient (laid out like the weights) is added to.
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& dlogits, Sequences<T>* dx,
                std::span<T> gradient, TransducerTrace<T>& trace) const;

  /// Which layer ("encoder.0 (lstm)", "prediction.0 (lstm)") or the joint network first put out NaN or Inf in
  /// this pass; "" if none did.
  std::string first_non_finite(const Sequences<T>& logits, const TransducerTrace<T>& trace) const;

  /// For each source the likeliest symbols found, at least one transcript, the best first
  /// (model/transducer_search.h). Throws SettingError for options out of range, Error where the network gives
  /// no numbers.
  std::vector<std::vector<TransducerHypothesis>> search(ThreadPool& pool, const Sequences<T>& x,
                                                        const TransducerSearchOptions& options) const;

 private:
  struct Bare {};
  Transducer(const std::vector<LayerSpec>& spec, std::size_t inputs, Bare);
  void pack_layers(std::span<const T> weights, const Packing& packing) override;
  void encode(const Pass& pass, const Sequences<T>& x, TransducerTrace<T>& trace) const;
  /// Runs the prediction network on the targets.
  void predict(const Pass& pass, const Sequences<T>& targets, TransducerTrace<T>& trace) const;

  std::vector<LayerSpec> spec_;
  TransducerParts<T> parts_;
};

}  // namespace carousel
