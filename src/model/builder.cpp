#include "model/builder.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "layers/bidirectional.h"
#include "layers/dense.h"
#include "layers/dropout.h"
#include "layers/embedding.h"
#include "layers/recurrent.h"
#include "layers/residual.h"
#include "layers/reversed.h"
#include "layers/stack.h"

namespace carousel {

namespace {

constexpr std::size_t kMaxWidth = 65536;
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

/// The value of an enumeration whose names stand in its order.
template <class Enum>
Enum named(const std::string& word, const std::vector<std::string>& names) {
  return static_cast<Enum>(std::ranges::find(names, word) - names.begin());
}

/// The layers in parentheses: one stays what it is, several become a stack.
template <class T>
LayerPointer<T> build_inner(const std::vector<LayerSpec>& layers, std::size_t inputs);

template <class T>
LayerPointer<T> build_lstm(LayerReader& read, std::size_t inputs) {
  const std::size_t hidden = read.integer("hidden", 1, kMaxWidth);
  const double forget_bias = read.option_number("forget_bias", -100.0, 100.0, 1.0);
  return std::make_unique<Recurrent<LstmCell<T>>>(LstmCell<T>(inputs, hidden, forget_bias));
}

template <class T, GruReset kReset>
LayerPointer<T> make_gru(std::size_t inputs, std::size_t hidden) {
  return std::make_unique<Recurrent<GruCell<T, kReset>>>(GruCell<T, kReset>(inputs, hidden));
}

template <class T>
LayerPointer<T> build_gru(LayerReader& read, std::size_t inputs) {
  const std::size_t hidden = read.integer("hidden", 1, kMaxWidth);
  const std::string reset = read.option_word("reset", gru_reset_names(), "after");
  return named<GruReset>(reset, gru_reset_names()) == GruReset::after
             ? make_gru<T, GruReset::after>(inputs, hidden)
             : make_gru<T, GruReset::before>(inputs, hidden);
}

template <class T>
LayerPointer<T> build_dense(LayerReader& read, std::size_t inputs) {
  const std::size_t outputs = read.integer("outputs", 1, kMaxWidth);
  const std::string activation = read.word("activation", activation_names(), "identity");
  return std::make_unique<Dense<T>>(inputs, outputs, named<Activation>(activation, activation_names()));
}

template <class T>
LayerPointer<T> build_dropout(LayerReader& read, std::size_t inputs) {
  const double rate = read.number("rate", 0.0, 0.99);
  return std::make_unique<Dropout<T>>(inputs, rate);
}

template <class T>
LayerPointer<T> build_embedding(LayerReader& read, std::size_t inputs) {
  const std::size_t symbols = read.integer("symbols", 1, kMaxSymbols);
  const std::size_t outputs = read.integer("outputs", 1, kMaxWidth);
  if (inputs != 1)
    read.refuse(fmt::format("takes one feature, the number of a symbol, but there are {}", inputs));
  return std::make_unique<Embedding<T>>(symbols, outputs);
}

template <class T>
LayerPointer<T> build_reversed(LayerReader& read, std::size_t inputs) {
  return std::make_unique<Reversed<T>>(build_inner<T>(read.layers(), inputs));
}

template <class T>
LayerPointer<T> build_residual(LayerReader& read, std::size_t inputs) {
  LayerPointer<T> inner = build_inner<T>(read.layers(), inputs);
  if (inner->outputs() != inputs)
    read.refuse(
        fmt::format("the layers inside turn {} features into {}, but x + y needs equal widths; give the "
                    "last of them {} outputs",
                    inputs, inner->outputs(), inputs));
  return std::make_unique<Residual<T>>(std::move(inner));
}

template <class T>
LayerPointer<T> build_bidirectional(LayerReader& read, std::size_t inputs) {
  const std::string merge = read.option_word("merge", merge_names(), "concat");
  const std::vector<LayerSpec>& inner = read.layers();
  return std::make_unique<Bidirectional<T>>(build_inner<T>(inner, inputs), build_inner<T>(inner, inputs),
                                            named<Merge>(merge, merge_names()));
}

template <class T>
using Build = LayerPointer<T> (*)(LayerReader&, std::size_t);

template <class T>
const std::vector<std::pair<std::string, Build<T>>>& builders() {
  static const std::vector<std::pair<std::string, Build<T>>> table = {
      {"lstm", build_lstm<T>},           {"gru", build_gru<T>},
      {"dense", build_dense<T>},         {"dropout", build_dropout<T>},
      {"embedding", build_embedding<T>}, {"reversed", build_reversed<T>},
      {"residual", build_residual<T>},   {"bidirectional", build_bidirectional<T>},
  };
  return table;
}

template <class T>
LayerPointer<T> build_layer(const LayerSpec& spec, std::size_t inputs) {
  const auto found = std::ranges::find(builders<T>(), spec.kind, &std::pair<std::string, Build<T>>::first);
  if (found == builders<T>().end()) refuse_kind(spec, layer_kinds());
  LayerReader read(spec);
  LayerPointer<T> layer = found->second(read, inputs);
  read.finish();
  return layer;
}

template <class T>
LayerPointer<T> build_inner(const std::vector<LayerSpec>& layers, std::size_t inputs) {
  if (layers.size() == 1) return build_layer<T>(layers.front(), inputs);
  return build_stack<T>(layers, inputs);
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

std::size_t symbols_read(std::span<const LayerSpec> spec) {
  const LayerSpec& first = spec.front();
  if (!first.layers.empty()) return symbols_read(first.layers);
  return first.kind == "embedding" ? LayerReader(first).integer("symbols", 1, kMaxSymbols) : 0;
}

template std::unique_ptr<Stack<float>> build_stack(std::span<const LayerSpec>, std::size_t);
template std::unique_ptr<Stack<double>> build_stack(std::span<const LayerSpec>, std::size_t);

}  // namespace carousel
