#include "tensor/sequences.h"

#include <algorithm>
#include <numeric>

namespace carousel {

SequenceLayout::SequenceLayout(std::vector<std::size_t> lengths)
    : lengths_(std::move(lengths)), sequence_(lengths_.size()), slot_(lengths_.size()) {
  std::iota(sequence_.begin(), sequence_.end(), std::size_t{0});
  std::stable_sort(sequence_.begin(), sequence_.end(),
                   [&](std::size_t a, std::size_t b) { return lengths_[a] > lengths_[b]; });
  for (std::size_t s = 0; s < sequence_.size(); ++s) slot_[sequence_[s]] = s;

  const std::size_t steps = lengths_.empty() ? 0 : lengths_[sequence_.front()];
  first_.reserve(checked_add(steps, 1, "sequences"));
  first_.push_back(0);
  std::size_t running = lengths_.size();
  for (std::size_t t = 0; t < steps; ++t) {
    while (lengths_[sequence_[running - 1]] <= t) --running;
    first_.push_back(checked_add(first_.back(), running, "sequences"));
  }
}

LayoutPointer slice_layout(const SequenceLayout& layout, std::size_t begin, std::size_t end) {
  std::vector<std::size_t> lengths(layout.batch());
  for (std::size_t b = 0; b < lengths.size(); ++b)
    lengths[b] = std::min(layout.length(b), end) - std::min(layout.length(b), begin);
  return std::make_shared<SequenceLayout>(std::move(lengths));
}

template <class T>
void copy_steps(const Sequences<T>& from, std::size_t first, Sequences<T>& to) {
  // Ties keep the caller's order, which need not be the slots' order in the whole: copy sequence by sequence.
  for (std::size_t b = 0; b < to.layout().batch(); ++b)
    for (std::size_t t = 0; t < to.layout().length(b); ++t)
      std::ranges::copy(from.at(b, first + t), to.at(b, t).begin());
}

template <class T>
Sequences<T> slice_time(const Sequences<T>& sequences, std::size_t begin, std::size_t end) {
  Sequences<T> result(slice_layout(sequences.layout(), begin, end), sequences.features());
  copy_steps(sequences, begin, result);
  return result;
}

template void copy_steps(const Sequences<float>&, std::size_t, Sequences<float>&);
template void copy_steps(const Sequences<double>&, std::size_t, Sequences<double>&);
template Sequences<float> slice_time(const Sequences<float>&, std::size_t, std::size_t);
template Sequences<double> slice_time(const Sequences<double>&, std::size_t, std::size_t);

}  // namespace carousel
