// What layers that run over time need to find their way in a ragged batch.
#pragma once

#include <algorithm>

#include "layers/layer.h"

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

/// One past the last of the time steps from t_begin on that hold so many rows, or all that are left.
inline std::size_t end_of_rows(const SequenceLayout& layout, std::size_t t_begin, std::size_t rows) {
  std::size_t t_end = t_begin + 1;
  while (t_end < layout.time() && layout.first_row(t_end) - layout.first_row(t_begin) < rows) ++t_end;
  return std::min(t_end, layout.time());
}
/// The first of the time steps before t_end > 0 that hold so many rows, or 0.
inline std::size_t begin_of_rows(const SequenceLayout& layout, std::size_t t_end, std::size_t rows) {
  std::size_t t_begin = t_end - 1;
  while (t_begin > 0 && layout.first_row(t_end) - layout.first_row(t_begin) < rows) --t_begin;
  return t_begin;
}

/// Whether the gradient is cut before step t of x.
inline bool truncates(const Pass& pass, std::size_t t) noexcept {
  const std::size_t step = pass.first_step + t;
  return pass.truncate > 0 && step > 0 && step % pass.truncate == 0;
}

}  // namespace carousel
