// From the spec of an encoder-decoder to its parts.
#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

#include "model/builder.h"
#include "model/builders.h"
#include "model/encoder_decoder.h"
#include "model/two_parts.h"

namespace carousel {

namespace {

constexpr const char* kKind = "encoder_decoder";
constexpr const char* kForm =
    "encoder_decoder(encoder(...), decoder(...)), such as \"encoder_decoder(encoder(lstm 64), decoder(lstm "
    "64)) "
    "symbols=30\"";
constexpr std::size_t kEmbedding = 64;
// Values of a state that a bridge takes part in: one more matrix, and not the largest of the model by far.
constexpr std::size_t kMaxBridged = std::size_t{1} << 22;

bool learns_start(std::span<const LayerSpec> layers) {
  return std::ranges::any_of(layers, [](const LayerSpec& layer) {
    return std::ranges::any_of(layer.options,
                               [](const SpecOption& option) {
                                 return option.name == "learned_start" && option.value.text == "on";
                               }) ||
           learns_start(layer.layers);
  });
}

}  // namespace

bool is_encoder_decoder(std::span<const LayerSpec> spec) noexcept {
  return spec.size() == 1 && spec.front().kind == kKind;
}

template <class T>
EncoderDecoderParts<T> build_encoder_decoder(std::span<const LayerSpec> spec, std::size_t inputs) {
  if (!is_encoder_decoder(spec))
    throw SettingError(
        fmt::format("spec: expected {}(encoder(...), decoder(...)) and nothing beside it", kKind));
  check_inputs(inputs);
  LayerReader read(spec.front());
  const std::vector<LayerSpec>& parts = read.layers(2);
  const std::vector<LayerSpec>&encoder_spec = part_layers(read, parts, 0, "encoder", kForm),
        &decoder_spec = part_layers(read, parts, 1, "decoder", kForm);
  const std::size_t symbols = read.integer("symbols", 1, kMaxSymbols - 1);
  const std::size_t embedding = read.option_integer("embedding", 1, kMaxWidth, kEmbedding);
  const auto score = named<AttentionScore>(read.option_word("attention", attention_score_names(), "additive"),
                                           attention_score_names());
  const bool has_bridge = read.option_word("bridge", {"tanh", "none"}, "tanh") == "tanh";

  EncoderDecoderParts<T> result;
  result.encoder = build_stack<T>(encoder_spec, inputs);
  const std::size_t features = result.encoder->outputs();
  LayerPointer<T> layers = build_symbol_reader<T>(decoder_spec, embedding + features, "decoder");
  const std::size_t queries = layers->outputs(), states = layers->state_size();
  const std::size_t width = read.option_integer("attention_width", 1, kMaxWidth, queries);
  read.finish();
  if (score != AttentionScore::additive && read.has_option("attention_width"))
    read.refuse("attention_width",
                "belongs to attention=additive; the other scores have no width of their own");
  if (score == AttentionScore::dot && queries != features)
    read.refuse("attention",
                fmt::format("dot compares the decoder's {} outputs with the encoder's {}, which needs equal "
                            "widths; use attention=multiplicative",
                            queries, features));
  if (has_bridge && (result.encoder->state_size() == 0 || states == 0))
    read.refuse("bridge",
                "leads from the encoder's last state to the decoder's first, and one of them has no "
                "state; use bridge=none");
  if (has_bridge && std::max(result.encoder->state_size(), states) > kMaxBridged)
    read.refuse("bridge",
                fmt::format("leads from a state of {} values to one of {}, and cannot from or to more "
                            "than {}; use bridge=none",
                            result.encoder->state_size(), states, kMaxBridged));
  if (has_bridge && learns_start(decoder_spec))
    read.refuse("bridge",
                "makes the decoder's first state, so that learned_start in it would have no effect; "
                "use bridge=none or leave out learned_start");
  if (has_bridge) result.bridge.emplace(*result.encoder, *layers);
  result.decoder = std::make_unique<AttentionDecoder<T>>(symbols, embedding, features, std::move(layers),
                                                         Attention<T>(score, queries, features, width));
  return result;
}

template EncoderDecoderParts<float> build_encoder_decoder(std::span<const LayerSpec>, std::size_t);
template EncoderDecoderParts<double> build_encoder_decoder(std::span<const LayerSpec>, std::size_t);

}  // namespace carousel
