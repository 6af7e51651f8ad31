#include "model/builder.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cells/lstm_options.h"
#include "layers/stack.h"
#include "model/builders.h"
#include "model/encoder_decoder.h"
#include "model/transducer.h"
#include "tensor/symbols.h"

namespace carousel {

namespace {

constexpr std::size_t kMaxBuiltLayers = 4096;

/// Layers that a spec becomes. A bidirectional layer builds those inside twice, so that nested ones multiply:
/// a short text could ask for millions. Stops counting beyond the limit.
std::size_t built_layers(std::span<const LayerSpec> spec) {
  std::size_t count = 0;
  for (const LayerSpec& layer : spec) {
    count += 1 + (layer.kind == "bidirectional" ? 2 : 1) * built_layers(layer.layers);
    if (count > kMaxBuiltLayers) return kMaxBuiltLayers + 1;
  }
  return count;
}

template <class T>
using Build = LayerPointer<T> (*)(LayerReader&, std::size_t inputs);

template <class T>
std::vector<std::pair<std::string, Build<T>>> make_builders() {
  std::vector<std::pair<std::string, Build<T>>> table;
  for (const LstmPreset& preset : lstm_presets()) table.push_back({preset.name, build_lstm<T>});
  table.insert(table.end(), {{"gru", build_gru<T>},
                             {"rnn", build_rnn<T>},
                             {"slstm", build_slstm<T>},
                             {"mlstm", build_mlstm<T>},
                             {"min_lstm", build_min_lstm<T>},
                             {"min_gru", build_min_gru<T>},
                             {"conv_lstm", build_conv_lstm<T>},
                             {"md_lstm", build_md_lstm<T>},
                             {"lstm_g", build_lstm_g<T>},
                             {"dense", build_dense<T>},
                             {"dropout", build_dropout<T>},
                             {"embedding", build_embedding<T>},
                             {"reversed", build_reversed<T>},
                             {"residual", build_residual<T>},
                             {"bidirectional", build_bidirectional<T>},
                             {"parallel", build_parallel<T>},
                             {"stack", build_stack_layer<T>},
                             {"layer_norm", build_layer_norm<T>},
                             {"conv1d", build_conv1d<T>},
                             {"pool", build_pool<T>},
                             {"pyramid", build_pyramid<T>},
                             {"softmax", build_softmax<T>},
                             {"mixture", build_mixture<T>}});
  return table;
}

template <class T>
const std::vector<std::pair<std::string, Build<T>>>& builders() {
  static const std::vector<std::pair<std::string, Build<T>>> table = make_builders<T>();
  return table;
}

template <class T>
LayerPointer<T> build_layer(const LayerSpec& spec, std::size_t inputs) {
  const auto found = std::ranges::find(builders<T>(), spec.kind, &std::pair<std::string, Build<T>>::first);
  if (is_encoder_decoder(std::span(&spec, 1)))
    refuse_spec(spec.position,
                "encoder_decoder: stands alone, for it makes symbols, not an output for every step; it is no "
                "layer of a network");
  if (is_transducer(std::span(&spec, 1)))
    refuse_spec(
        spec.position,
        "transducer: stands alone, for it makes symbols, not an output for every step; it is no layer of "
        "a network");
  if (found == builders<T>().end()) refuse_kind(spec, layer_kinds());
  LayerReader read(spec);
  LayerPointer<T> layer = found->second(read, inputs);
  read.finish();
  return layer;
}

}  // namespace

const std::vector<std::string>& layer_kinds() {
  static const std::vector<std::string> kinds = [] {
    std::vector<std::string> names;
    for (const auto& [name, build] : builders<float>()) names.push_back(name);
    return names;
  }();
  return kinds;
}

template <class T>
std::unique_ptr<Stack<T>> build_stack(std::span<const LayerSpec> spec, std::size_t inputs) {
  if (spec.empty()) throw SettingError("spec: at least one layer is needed, e.g. \"lstm 64, dense 1\"");
  if (built_layers(spec) > kMaxBuiltLayers)
    refuse_spec(spec.front().position,
                fmt::format("makes more than {} layers (those inside a bidirectional layer count twice); use "
                            "fewer",
                            kMaxBuiltLayers));
  std::vector<LayerPointer<T>> layers;
  for (const LayerSpec& layer : spec) {
    if (layer.kind == "embedding" && !layers.empty())
      refuse_spec(layer.position,
                  "embedding: takes the numbers of symbols, not another layer's outputs; put it first");
    layers.push_back(build_layer<T>(layer, layers.empty() ? inputs : layers.back()->outputs()));
  }
  return std::make_unique<Stack<T>>(std::move(layers));
}

template <class T>
LayerPointer<T> build_inner(const std::vector<LayerSpec>& layers, std::size_t inputs) {
  if (layers.size() == 1) return build_layer<T>(layers.front(), inputs);
  return build_stack<T>(layers, inputs);
}

std::size_t symbols_read(std::span<const LayerSpec> spec) {
  const LayerSpec& first = spec.front();
  if (first.kind == "parallel") {  // what all branches can read
    std::size_t least = 0;
    for (const LayerSpec& branch : first.layers)
      if (const std::size_t symbols = symbols_read(std::span(&branch, 1)); symbols > 0)
        least = least == 0 ? symbols : std::min(least, symbols);
    return least;
  }
  if (!first.layers.empty()) return symbols_read(first.layers);
  return first.kind == "embedding" ? LayerReader(first).integer("symbols", 1, kMaxSymbols) : 0;
}

template LayerPointer<float> build_inner(const std::vector<LayerSpec>&, std::size_t);
template LayerPointer<double> build_inner(const std::vector<LayerSpec>&, std::size_t);
template std::unique_ptr<Stack<float>> build_stack(std::span<const LayerSpec>, std::size_t);
template std::unique_ptr<Stack<double>> build_stack(std::span<const LayerSpec>, std::size_t);

}  // namespace carousel
