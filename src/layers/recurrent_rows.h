// Rows of a pass by time step and slot, for the recurrent layer.
#pragma once

#include <algorithm>

#include "tensor/sequences.h"

namespace carousel {

/// Copies rows given by sequence number into slots, or back.
template <class T>
void to_slots(const SequenceLayout& layout, View<const T> by_sequence, View<T> by_slot) {
  for (std::size_t s = 0; s < layout.batch(); ++s)
    std::ranges::copy(by_sequence.row_span(layout.sequence(s)), by_slot.row(s));
}
template <class T>
void from_slots(const SequenceLayout& layout, View<const T> by_slot, View<T> by_sequence) {
  for (std::size_t s = 0; s < layout.batch(); ++s)
    std::ranges::copy(by_slot.row_span(s), by_sequence.row(layout.sequence(s)));
}

/// Rows of `tensor` that belong to time step t and slots [begin, begin + count).
template <class T>
auto step_rows(T&& tensor, const SequenceLayout& layout, std::size_t t, std::size_t begin,
               std::size_t count) {
  return tensor.matrix().rows(layout.first_row(t) + begin, count);
}

}  // namespace carousel
