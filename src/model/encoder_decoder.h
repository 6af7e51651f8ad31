// From a sequence to a sequence of symbols of another length: an encoder reads the whole source, a decoder
// puts out symbol after symbol while it looks at what the encoder made of it (layers/attention_decoder.h).
//
//   memory, s = encoder(x);  first state of the decoder = tanh(B s + b), the bridge, or its own start
//
//   encoder_decoder(encoder(bidirectional(lstm 64)), decoder(lstm 128)) symbols=40 embedding=32
//   attention=additive
//
// Sutskever, Vinyals & Le, NIPS 2014; Bahdanau, Cho & Bengio, ICLR 2015; Luong, Pham & Manning, EMNLP 2015.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "layers/attention_decoder.h"
#include "layers/stack.h"
#include "model/beam_search.h"
#include "model/bridge.h"
#include "model/spec.h"
#include "model/weighted.h"

namespace carousel {

/// Whether a spec is that of an encoder-decoder, which Network does not build.
bool is_encoder_decoder(std::span<const LayerSpec> spec) noexcept;

/// What a spec is built into.
template <class T>
struct EncoderDecoderParts {
  std::unique_ptr<Stack<T>> encoder;
  std::optional<Bridge<T>> bridge;
  std::unique_ptr<AttentionDecoder<T>> decoder;

  /// "encoder.0.W", ..., "bridge.W", "embedding.vectors", "decoder.0.W", "attention.W", "output.W", ...
  ParameterTable declare();
};
/// Throws SettingError with the place in the spec, the option and what would work.
template <class T>
EncoderDecoderParts<T> build_encoder_decoder(std::span<const LayerSpec> spec, std::size_t inputs);

/// The buffers of one pass.
template <class T>
struct EncoderDecoderTrace {
  std::unique_ptr<Trace<T>> encoder;
  Sequences<T> memory;      // [S, B, M] what the encoder made of the sources
  Tensor<T> encoder_state;  // [B, its state], the last
  Tensor<T> start;          // [B, the decoder's state], the first
  BridgeTrace<T> bridge;
  DecoderTrace<T> decoder;
  // Backward.
  Sequences<T> dmemory;
  Tensor<T> dencoder_state, dstart;
};

template <class T>
class EncoderDecoder final : public Weighted<T> {
 public:
  /// As Network: for sources of `inputs` features, weights initialised from the seed.
  EncoderDecoder(const std::vector<LayerSpec>& spec, std::size_t inputs, std::uint64_t seed = 0);
  EncoderDecoder(std::string_view spec, std::size_t inputs, std::uint64_t seed = 0)
      : EncoderDecoder(parse_spec(spec), inputs, seed) {}
  template <class Fill>
  static EncoderDecoder filled(const std::vector<LayerSpec>& spec, std::size_t inputs, const Packing& packing,
                               Fill&& fill) {
    const kernels::StandardFloatMode mode;
    EncoderDecoder result(spec, inputs, Bare());
    fill(result.parameters(), result.mutable_weights());
    result.pack(packing);
    return result;
  }
  /// The parameters that a spec would have; allocates none of them.
  static ParameterTable parameters_of(std::span<const LayerSpec> spec, std::size_t inputs);

  const std::vector<LayerSpec>& spec() const noexcept { return spec_; }
  std::size_t inputs() const noexcept { return parts_.encoder->inputs(); }
  /// Symbols that targets are made of, 0 ... symbols() - 1. The number symbols() is the end.
  std::size_t symbols() const noexcept { return parts_.decoder->symbols(); }
  const Stack<T>& encoder() const noexcept { return *parts_.encoder; }
  const AttentionDecoder<T>& decoder() const noexcept { return *parts_.decoder; }
  /// Null: the decoder begins with its own start.
  const Bridge<T>* bridge() const noexcept { return parts_.bridge ? &*parts_.bridge : nullptr; }

  EncoderDecoderTrace<T> make_trace() const;

  /// x [S, B, inputs()], targets [U, B, 1] -> logits [U + 1, B, symbols() + 1], of each symbol and then of
  /// the end. Either may have empty sequences. sampling, in [0, 1]: how often the decoder is given what it
  /// drew itself (AttentionDecoder::forward). Throws Error for other shapes and for targets that are no
  /// symbols.
  void forward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& targets, double sampling,
               Sequences<T>& logits, EncoderDecoderTrace<T>& trace) const;
  /// What logits are to be compared with: the targets, each followed by the end. result [U + 1, B, 1], laid
  /// out like the logits.
  void with_end(const Sequences<T>& targets, Sequences<T>& result) const;
  /// After a forward with pass.training, with the same x and trace. dx, if not null: reshaped and
  /// overwritten. gradient (laid out like the weights) is added to.
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& dlogits, Sequences<T>* dx,
                std::span<T> gradient, EncoderDecoderTrace<T>& trace) const;

  /// Which layer of the encoder ("encoder.0 (lstm)"), the bridge or the decoder first put out NaN or Inf in
  /// this pass; "" if none did.
  std::string first_non_finite(const Sequences<T>& logits, const EncoderDecoderTrace<T>& trace) const;

  /// For each source the likeliest targets found, at least one, the best first (model/beam_search.h). Throws
  /// SettingError for options out of range, Error where the network gives no numbers.
  std::vector<std::vector<Hypothesis<T>>> search(ThreadPool& pool, const Sequences<T>& x,
                                                 const SearchOptions& options) const;

 private:
  struct Bare {};
  EncoderDecoder(const std::vector<LayerSpec>& spec, std::size_t inputs, Bare);
  void pack_layers(std::span<const T> weights, const Packing& packing) override;
  /// Runs the encoder and makes the decoder's first state.
  void encode(const Pass& pass, const Sequences<T>& x, EncoderDecoderTrace<T>& trace) const;

  std::vector<LayerSpec> spec_;
  EncoderDecoderParts<T> parts_;
};

}  // namespace carousel
