// The state before the first step as a parameter.
#pragma once

#include <algorithm>

#include "kernels/reductions.h"
#include "tensor/parameters.h"
#include "tensor/tensor.h"

namespace carousel {

/// Of a layer: the first values of its state begin with what was learned, the rest with zeros. A normaliser
/// among them is 1: learned, it might come to 0 or below.
template <class T>
class LearnedStart {
 public:
  /// size: how many values of the state are learned, normalisers counted; 0: none, and all begin with zeros.
  /// [ones, ones + count): those that are normalisers.
  explicit LearnedStart(std::size_t size, std::size_t ones = 0, std::size_t count = 0)
      : before_(size > 0 ? ones : 0), ones_(size > 0 ? count : 0), behind_(size - before_ - ones_) {}

  /// For a layer's description.
  const char* text() const noexcept { return size() > 0 ? ", learned_start=on" : ""; }

  /// Parameter "name.start" [size - count], zeros at first.
  void declare(ParameterTable& table, const std::string& name) {
    if (size() > 0) offset_ = table.add(name + ".start", {size()});
  }
  /// Whether this is the parameter.
  bool is(const Parameter& parameter) const noexcept { return size() > 0 && parameter.offset == offset_; }
  void initialise(std::span<T> weights) const { std::ranges::fill(weights.subspan(offset_, size()), T(0)); }

  /// Fills rows of state, [any number >= size].
  void fill(std::span<const T> weights, View<T> state) const {
    const auto learned = weights.subspan(offset_, size());
    for (std::size_t r = 0; r < state.rows(); ++r) {
      T* at = std::ranges::copy(learned.first(before_), state.row(r)).out;
      at = std::fill_n(at, ones_, T(1));
      at = std::ranges::copy(learned.last(behind_), at).out;
      std::fill(at, state.row(r) + state.columns(), T(0));
    }
  }
  /// Adds what reaches the parameter, given the gradient on those rows.
  void add_gradient(View<const T> dstate, std::span<T> gradient) const {
    add(dstate.columns(0, before_), gradient.data() + offset_);
    add(dstate.columns(before_ + ones_, behind_), gradient.data() + offset_ + before_);
  }

 private:
  std::size_t size() const noexcept { return before_ + behind_; }
  static void add(View<const T> dstate, T* gradient) {
    if (dstate.columns() > 0)
      kernels::add_column_sums(dstate.data(), dstate.rows(), dstate.columns(), dstate.stride(), gradient);
  }

  std::size_t before_, ones_, behind_, offset_ = 0;
};

}  // namespace carousel
