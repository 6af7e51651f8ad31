#include "model/two_parts.h"

#include <fmt/format.h>

#include "model/builder.h"

namespace carousel {

const std::vector<LayerSpec>& part_layers(const LayerReader& whole, const std::vector<LayerSpec>& parts,
                                          std::size_t index, std::string_view name,
                                          std::string_view expected) {
  if (parts.size() <= index || parts[index].kind != name) whole.refuse(fmt::format("expected {}", expected));
  LayerReader read(parts[index]);
  const std::vector<LayerSpec>& layers = read.layers();
  read.finish();
  return layers;
}

template <class T>
std::unique_ptr<Stack<T>> build_symbol_reader(const std::vector<LayerSpec>& spec, std::size_t inputs,
                                              std::string_view name) {
  if (symbols_read(spec) > 0)
    refuse_spec(
        spec.front().position,
        fmt::format("embedding: a {} has its own, of the symbols before; write its width as the option "
                    "embedding=",
                    name));
  std::unique_ptr<Stack<T>> layers = build_stack<T>(spec, inputs);
  for (std::size_t i = 0; i < spec.size(); ++i)
    if (const Layer<T>& layer = *layers->children()[i]; !layer.causal() || !layer.keeps_lengths())
      refuse_spec(spec[i].position,
                  fmt::format("{}: {} needs the whole sequence, but here one symbol comes after another; use "
                              "layers that read forward, such as lstm",
                              name, layer.kind()));
  return layers;
}

template std::unique_ptr<Stack<float>> build_symbol_reader(const std::vector<LayerSpec>&, std::size_t,
                                                           std::string_view);
template std::unique_ptr<Stack<double>> build_symbol_reader(const std::vector<LayerSpec>&, std::size_t,
                                                            std::string_view);

}  // namespace carousel
