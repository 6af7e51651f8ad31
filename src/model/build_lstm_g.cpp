#include <fmt/format.h>

#include "layers/lstm_g.h"
#include "layers/lstm_wiring.h"
#include "layers/wiring_text.h"
#include "model/builders.h"

namespace carousel {

namespace {

/// "connect i c each weight=1" as the words of a statement.
WiringStatement statement_of(const LayerSpec& spec) {
  if (!spec.layers.empty())
    refuse_spec(spec.layers[0].position, "lstm_g: a statement of its wiring has no parentheses");
  WiringStatement words = {{spec.kind, spec.position}};
  for (const SpecValue& value : spec.values) words.push_back({value.text, value.position});
  for (const SpecOption& option : spec.options)
    words.push_back({option.name + "=" + option.value.text, option.value.position});
  return words;
}

Wiring read_statements(const std::vector<LayerSpec>& layers, std::size_t inputs) {
  std::vector<WiringStatement> statements;
  for (const LayerSpec& layer : layers) statements.push_back(statement_of(layer));
  return read_wiring(
      statements, inputs, layers.back().position,
      [](std::size_t position, const auto& message) { refuse_spec(position, "lstm_g: " + message); });
}

Wiring read_preset(LayerReader& read, std::size_t inputs) {
  const std::size_t hidden = read.integer("hidden", 1, kMaxWidth);
  const std::string name = read.option_word("wiring", lstm_wiring_names(), "lstm");
  LstmOptions options = lstm_preset(name).options;
  options.cells_per_block = read.option_integer("cells_per_block", 1, kMaxWidth, options.cells_per_block);
  if (const Impossible found = impossible(options, hidden); !found.option.empty())
    read.refuse(found.option, found.text());
  return lstm_wiring(inputs, hidden, options);
}

}  // namespace

template <class T>
LayerPointer<T> build_lstm_g(LayerReader& read, std::size_t inputs) {
  const Wiring wiring =
      read.has_layers() ? read_statements(read.layers(), inputs) : read_preset(read, inputs);
  return std::make_unique<LstmG<T>>(wiring, read.option_flag("learned_start", false),
                                    read_weight_noise(read, false));
}

template LayerPointer<float> build_lstm_g(LayerReader&, std::size_t);
template LayerPointer<double> build_lstm_g(LayerReader&, std::size_t);

}  // namespace carousel
