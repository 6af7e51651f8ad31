// From the spec of a transducer to its parts.
#include <carousel/error.h>
#include <fmt/format.h>

#include "model/builder.h"
#include "model/builders.h"
#include "model/transducer.h"
#include "model/two_parts.h"

namespace carousel {

namespace {

constexpr const char* kKind = "transducer";
constexpr const char* kForm =
    "transducer(encoder(...), prediction(...)), such as \"transducer(encoder(lstm 64), prediction(lstm 64)) "
    "symbols=30\"";
constexpr std::size_t kEmbedding = 64;

}  // namespace

bool is_transducer(std::span<const LayerSpec> spec) noexcept {
  return spec.size() == 1 && spec.front().kind == kKind;
}

template <class T>
TransducerParts<T> build_transducer(std::span<const LayerSpec> spec, std::size_t inputs) {
  if (!is_transducer(spec))
    throw SettingError(
        fmt::format("spec: expected {}(encoder(...), prediction(...)) and nothing beside it", kKind));
  check_inputs(inputs);
  LayerReader read(spec.front());
  const std::vector<LayerSpec>& parts = read.layers(2);
  const std::vector<LayerSpec>&encoder_spec = part_layers(read, parts, 0, "encoder", kForm),
        &prediction_spec = part_layers(read, parts, 1, "prediction", kForm);
  const std::size_t symbols = read.integer("symbols", 1, kMaxSymbols - 1);
  const std::size_t embedding = read.option_integer("embedding", 1, kMaxWidth, kEmbedding);
  std::unique_ptr<Stack<T>> encoder = build_stack<T>(encoder_spec, inputs);
  std::unique_ptr<Stack<T>> prediction = build_symbol_reader<T>(prediction_spec, embedding, "prediction");
  const std::size_t features = encoder->outputs(), predictions = prediction->outputs();
  const std::size_t width = read.option_integer("joint", 1, kMaxWidth, predictions);
  read.finish();
  return {std::move(encoder), Embedding<T>(symbols + 1, embedding), std::move(prediction),
          JointNetwork<T>(features, predictions, width, symbols)};
}

template TransducerParts<float> build_transducer(std::span<const LayerSpec>, std::size_t);
template TransducerParts<double> build_transducer(std::span<const LayerSpec>, std::size_t);

}  // namespace carousel
