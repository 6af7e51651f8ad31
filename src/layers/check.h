// Shape contracts of a layer's calls: what was expected, what came.
#pragma once

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "layers/layer.h"

namespace carousel {

/// Throws Error unless x is [T, B, inputs()] and state [B, state_size()].
template <class T>
void check_forward(const Layer<T>& layer, std::string_view where, const Sequences<T>& x,
                   View<const T> state) {
  const std::size_t B = x.layout().batch();
  if (x.features() != layer.inputs())
    throw Error(fmt::format("[{}] expected x [T, B, {}], got [{}, {}, {}]", where, layer.inputs(),
                            x.layout().time(), B, x.features()));
  if (layer.state_size() > 0 && (state.rows() != B || state.columns() != layer.state_size()))
    throw Error(fmt::format("[{}] expected state [{}, {}], got [{}, {}]", where, B, layer.state_size(),
                            state.rows(), state.columns()));
}

/// Whether y has the lengths that the layer makes of those of x.
template <class T>
bool fits(const Layer<T>& layer, const SequenceLayout& x, const SequenceLayout& y) noexcept {
  if (layer.keeps_lengths()) return y == x;
  return std::ranges::equal(x.lengths(), y.lengths(), {},
                            [&](std::size_t n) { return layer.output_length(n); });
}

/// Throws Error unless x, y, dy and dstate have the shapes of one forward pass whose trace was kept.
template <class T>
void check_backward(const Layer<T>& layer, std::string_view where, const Sequences<T>& x,
                    const Sequences<T>& y, const Sequences<T>& dy, View<const T> dstate, bool trace_kept) {
  check_forward(layer, where, x, dstate);
  if (!trace_kept)
    throw Error(fmt::format("[{}] the forward pass before it was not made with Pass::training", where));
  for (const Sequences<T>* s : {&y, &dy})
    if (s->features() != layer.outputs() || !fits(layer, x.layout(), s->layout()))
      throw Error(fmt::format("[{}] expected {} [{}, {}, {}], got [{}, {}, {}]", where, s == &y ? "y" : "dy",
                              layer.output_length(x.layout().time()), x.layout().batch(), layer.outputs(),
                              s->layout().time(), s->layout().batch(), s->features()));
}

}  // namespace carousel
