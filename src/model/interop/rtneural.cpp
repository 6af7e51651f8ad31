#include "model/interop/rtneural.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "model/interop/foreign_json.h"

namespace carousel {

namespace {

/// Keras keeps matrices as [inputs, outputs].
ForeignMatrix keras_matrix(const ForeignJson& weights, std::size_t k, const std::string& place) {
  return matrix_in(weights[k], fmt::format("{}: weights[{}]", place, k)).transposed();
}

const ForeignJson& weights_of(const ForeignJson& layer, std::size_t count, const std::string& place) {
  const ForeignJson& weights = entry_of(layer, "weights", place);
  if (!weights.is_array() || weights.size() != count)
    throw ModelError(fmt::format("{}: weights: expected a list of {}", place, count));
  return weights;
}

std::string activation_of(const ForeignJson& layer, const std::string& place) {
  constexpr std::array kKnown = {"tanh", "sigmoid", "relu", "elu"};
  const auto found = layer.find("activation");
  std::string name = found == layer.end() ? "" : text_in(*found, place + ": activation");
  if (name.empty()) return "identity";
  if (std::ranges::find(kKnown, name) == kKnown.end())
    throw ModelError(fmt::format("{}: found the activation \"{}\", expected none or one of {}", place, name,
                                 fmt::join(kKnown, ", ")));
  return name;
}

void require_tanh(const ForeignJson& layer, const std::string& place) {
  if (const std::string name = activation_of(layer, place); name != "tanh")
    throw ModelError(fmt::format("{}: found the activation {}, expected tanh", place, name));
}

void add_keras_dense(const ForeignJson& layer, const std::string& place, ForeignLayers& layers) {
  const ForeignJson& weights = weights_of(layer, 2, place);
  layers.add_dense(place, keras_matrix(weights, 0, place), numbers_in(weights[1], place + ": weights[1]"),
                   activation_of(layer, place));
}

void add_keras_lstm(const ForeignJson& layer, const std::string& place, ForeignLayers& layers) {
  require_tanh(layer, place);
  const ForeignJson& weights = weights_of(layer, 3, place);
  layers.add_lstm(place, keras_matrix(weights, 0, place), keras_matrix(weights, 1, place),
                  numbers_in(weights[2], place + ": weights[2]"));
}

void add_keras_gru(const ForeignJson& layer, const std::string& place, ForeignLayers& layers) {
  require_tanh(layer, place);
  const ForeignJson& weights = weights_of(layer, 3, place);
  const std::string bias = place + ": weights[2]";
  if (!weights[2].is_array() || weights[2].size() != 2)
    throw ModelError(bias + ": expected two biases, as a GRU has that resets after the product");
  layers.add_gru(place, keras_matrix(weights, 0, place), keras_matrix(weights, 1, place),
                 numbers_in(weights[2][0], bias), numbers_in(weights[2][1], bias));
}

using AddLayer = void (*)(const ForeignJson&, const std::string&, ForeignLayers&);
constexpr std::array<std::pair<std::string_view, AddLayer>, 4> kKerasLayers = {
    {{"dense", add_keras_dense},
     {"gru", add_keras_gru},
     {"lstm", add_keras_lstm},
     {"time-distributed-dense", add_keras_dense}}};

[[noreturn]] void refuse_type(const std::string& place) {
  std::vector<std::string_view> known;
  for (const auto& [type, add] : kKerasLayers) known.push_back(type);
  throw ModelError(fmt::format("{}: this type of layer cannot be read; those that can are {}", place,
                               fmt::join(known, ", ")));
}

void add_keras_layers(const ForeignJson& list, const std::string& source, ForeignLayers& layers) {
  if (!list.is_array()) throw ModelError(source + ": layers: expected a list");
  for (std::size_t k = 0; k < list.size(); ++k) {
    const std::string type = text_in(entry_of(list[k], "type", fmt::format("{}: layers[{}]", source, k)),
                                     fmt::format("{}: layers[{}]: type", source, k));
    const std::string place = fmt::format("{}: layers[{}] ({})", source, k, type);
    const auto known = std::ranges::find(kKerasLayers, type, &std::pair<std::string_view, AddLayer>::first);
    if (known == kKerasLayers.end()) refuse_type(place);
    known->second(list[k], place, layers);
  }
}

/// The entries of a state dictionary whose names begin alike: what one module has.
struct Module {
  std::string name;  ///< for messages, "FILE: gru"
  std::vector<std::pair<std::string, const ForeignJson*>> entries;

  const ForeignJson* find(const std::string& entry) const {
    const auto found = std::ranges::find(entries, entry, &std::pair<std::string, const ForeignJson*>::first);
    return found == entries.end() ? nullptr : found->second;
  }
  const ForeignJson& at(const std::string& entry) const {
    if (const ForeignJson* found = find(entry)) return *found;
    throw ModelError(fmt::format("{}: there is no {}", name, entry));
  }
  std::string place(const std::string& entry) const { return name + '.' + entry; }
  ForeignMatrix matrix(const std::string& entry) const { return matrix_in(at(entry), place(entry)); }
  std::vector<double> numbers(const std::string& entry) const { return numbers_in(at(entry), place(entry)); }
};

std::vector<Module> modules_of(const ForeignJson& dictionary, const std::string& source) {
  std::vector<Module> modules;
  for (const auto& [key, value] : dictionary.items()) {
    const std::size_t dot = key.rfind('.');
    const std::string module = source + ": " + (dot == std::string::npos ? "" : key.substr(0, dot));
    if (modules.empty() || modules.back().name != module) modules.push_back({module, {}});
    modules.back().entries.emplace_back(dot == std::string::npos ? key : key.substr(dot + 1), &value);
  }
  return modules;
}

/// Rows of the first two gates change places: PyTorch has r, z, n.
void update_gate_first(ForeignMatrix& matrix) {
  const auto half = static_cast<std::ptrdiff_t>(matrix.values.size() / 3);
  std::rotate(matrix.values.begin(), matrix.values.begin() + half, matrix.values.begin() + 2 * half);
}
std::vector<double> update_gate_first(std::vector<double> bias) {
  ForeignMatrix column{bias.size(), 1, std::move(bias)};
  update_gate_first(column);
  return std::move(column.values);
}

void add_torch_recurrent(const Module& module, std::size_t layer, ForeignLayers& layers) {
  const auto entry = [&](const char* name) { return fmt::format("{}_l{}", name, layer); };
  ForeignMatrix W = module.matrix(entry("weight_ih")), R = module.matrix(entry("weight_hh"));
  std::vector<double> b_W = module.numbers(entry("bias_ih")), b_R = module.numbers(entry("bias_hh"));
  const std::string place = fmt::format("{}, layer {}", module.name, layer);
  if (R.rows == 3 * R.columns) {
    update_gate_first(W);
    update_gate_first(R);
    layers.add_gru(place, W, R, update_gate_first(std::move(b_W)), update_gate_first(std::move(b_R)));
    return;
  }
  if (b_R.size() != b_W.size())
    throw ModelError(fmt::format("{}: found biases of {} and {} numbers", place, b_W.size(), b_R.size()));
  std::ranges::transform(b_W, b_R, b_W.begin(), std::plus());
  layers.add_lstm(place, W, R, b_W);
}

void add_module(const Module& module, ForeignLayers& layers) {
  constexpr std::size_t kEntries = 4;  // of a layer of an LSTM or GRU
  if (module.find("weight_ih_l0") != nullptr) {
    std::size_t layer = 0;
    while (module.find(fmt::format("weight_ih_l{}", layer)) != nullptr)
      add_torch_recurrent(module, layer++, layers);
    if (module.entries.size() != kEntries * layer)
      throw ModelError(fmt::format(
          "{}: it has more than weights and biases of its layers: two directions and projections cannot be "
          "read",
          module.name));
    return;
  }
  if (module.find("weight") == nullptr || module.entries.size() != 2)
    throw ModelError(
        fmt::format("{}: found {}, expected the weights and biases of an LSTM, a GRU or a Linear",
                    module.name, module.entries.front().first));
  layers.add_dense(module.name, module.matrix("weight"), module.numbers("bias"), "identity");
}

}  // namespace

ForeignNetwork parse_rtneural(std::string_view text, const std::string& source) {
  const ForeignJson json = parse_foreign_json(text, source);
  ForeignLayers layers;
  if (const auto list = json.find("layers"); list != json.end())
    add_keras_layers(*list, source, layers);
  else
    for (const Module& module : modules_of(json, source)) add_module(module, layers);
  return std::move(layers).network(source);
}

ForeignNetwork read_rtneural(const std::filesystem::path& path) {
  return parse_rtneural(read_foreign_file(path), path.string());
}

}  // namespace carousel
