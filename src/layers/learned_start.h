// The state before the first step as a parameter.
#pragma once

#include <algorithm>

#include "kernels/reductions.h"
#include "tensor/parameters.h"
#include "tensor/tensor.h"

namespace carousel {

/// Of a layer: the first values of its state begin with what was learned, the rest with zeros.
template <class T>
class LearnedStart {
 public:
  /// size: how many values of the state are learned; 0: none.
  explicit LearnedStart(std::size_t size) : size_(size) {}

  /// For a layer's description.
  const char* text() const noexcept { return size_ > 0 ? ", learned_start=on" : ""; }

  /// Parameter "name.start" [size], zeros at first.
  void declare(ParameterTable& table, const std::string& name) {
    if (size_ > 0) offset_ = table.add(name + ".start", {size_});
  }
  void initialise(std::span<T> weights) const { std::ranges::fill(weights.subspan(offset_, size_), T(0)); }

  /// Fills rows of state, [any number >= size].
  void fill(std::span<const T> weights, View<T> state) const {
    for (std::size_t r = 0; r < state.rows(); ++r) {
      std::ranges::copy(weights.subspan(offset_, size_), state.row(r));
      std::fill(state.row(r) + size_, state.row(r) + state.columns(), T(0));
    }
  }
  /// Adds what reaches the parameter, given the gradient on those rows.
  void add_gradient(View<const T> dstate, std::span<T> gradient) const {
    if (size_ > 0)
      kernels::add_column_sums(dstate.data(), dstate.rows(), size_, dstate.stride(),
                               gradient.data() + offset_);
  }

 private:
  std::size_t size_, offset_ = 0;
};

}  // namespace carousel
