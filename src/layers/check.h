// Shape contracts of a layer's calls: what was expected, what came.
#pragma once

#include <carousel/error.h>
#include <fmt/format.h>

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

/// Throws Error unless x, y, dy and dstate have the shapes of one forward pass whose trace was kept.
template <class T>
void check_backward(const Layer<T>& layer, std::string_view where, const Sequences<T>& x,
                    const Sequences<T>& y, const Sequences<T>& dy, View<const T> dstate, bool trace_kept) {
  check_forward(layer, where, x, dstate);
  if (!trace_kept)
    throw Error(fmt::format("[{}] the forward pass before it was not made with Pass::training", where));
  for (const Sequences<T>* s : {&y, &dy})
    if (s->features() != layer.outputs() || s->layout() != x.layout())
      throw Error(fmt::format("[{}] expected {} [{}, {}, {}], got [{}, {}, {}]", where, s == &y ? "y" : "dy",
                              x.layout().time(), x.layout().batch(), layer.outputs(), s->layout().time(),
                              s->layout().batch(), s->features()));
}

}  // namespace carousel
