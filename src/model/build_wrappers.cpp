#include <fmt/format.h>

#include "layers/bidirectional.h"
#include "layers/residual.h"
#include "layers/reversed.h"
#include "model/builders.h"

namespace carousel {

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

template LayerPointer<float> build_reversed(LayerReader&, std::size_t);
template LayerPointer<double> build_reversed(LayerReader&, std::size_t);
template LayerPointer<float> build_residual(LayerReader&, std::size_t);
template LayerPointer<double> build_residual(LayerReader&, std::size_t);
template LayerPointer<float> build_bidirectional(LayerReader&, std::size_t);
template LayerPointer<double> build_bidirectional(LayerReader&, std::size_t);

}  // namespace carousel
