#include <fmt/format.h>

#include "layers/bidirectional.h"
#include "layers/parallel.h"
#include "layers/residual.h"
#include "layers/reversed.h"
#include "layers/stack.h"
#include "model/builder.h"
#include "model/builders.h"

namespace carousel {

namespace {

/// Unless the layer inside keeps lengths, which `what` needs.
template <class T>
void refuse_other_lengths(LayerReader& read, const Layer<T>& inner, const char* what) {
  if (inner.keeps_lengths()) return;
  read.refuse(fmt::format(
      "{} inside makes sequences shorter, but {} needs equal lengths; put pool, pyramid and conv1d "
      "with a stride or padding=none before it or behind it",
      inner.kind(), what));
}

}  // namespace

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
  refuse_other_lengths(read, *inner, "x + y");
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
LayerPointer<T> build_stack_layer(LayerReader& read, std::size_t inputs) {
  return build_stack<T>(read.layers(), inputs);
}

template <class T>
LayerPointer<T> build_parallel(LayerReader& read, std::size_t inputs) {
  std::vector<LayerPointer<T>> branches;
  for (const LayerSpec& branch : read.layers()) {
    branches.push_back(build_inner<T>({branch}, inputs));
    refuse_other_lengths(read, *branches.back(), "outputs side by side");
  }
  return std::make_unique<Parallel<T>>(std::move(branches));
}

template LayerPointer<float> build_reversed(LayerReader&, std::size_t);
template LayerPointer<double> build_reversed(LayerReader&, std::size_t);
template LayerPointer<float> build_residual(LayerReader&, std::size_t);
template LayerPointer<double> build_residual(LayerReader&, std::size_t);
template LayerPointer<float> build_bidirectional(LayerReader&, std::size_t);
template LayerPointer<double> build_bidirectional(LayerReader&, std::size_t);
template LayerPointer<float> build_stack_layer(LayerReader&, std::size_t);
template LayerPointer<double> build_stack_layer(LayerReader&, std::size_t);
template LayerPointer<float> build_parallel(LayerReader&, std::size_t);
template LayerPointer<double> build_parallel(LayerReader&, std::size_t);

}  // namespace carousel
