// The ragged batch: sequences of different lengths side by side, time outermost, no padding.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace carousel {

/// Where each time step of each sequence lies. Sequences are sorted by length, longest first (stable), into
/// *slots*, so that the sequences still running at time t are the slots 0 ... active(t) - 1 and their rows
/// lie side by side. Callers speak of sequences by their own number b and need not know about slots.
class SequenceLayout {
 public:
  /// One length a sequence, in the caller's order; zero is legal.
  explicit SequenceLayout(std::vector<std::size_t> lengths);

  /// Number of sequences, B.
  std::size_t batch() const noexcept { return lengths_.size(); }
  /// Longest length, T.
  std::size_t time() const noexcept { return first_.size() - 1; }
  /// Sum of all lengths: rows in all.
  std::size_t rows() const noexcept { return first_.back(); }
  std::size_t length(std::size_t b) const noexcept { return lengths_[b]; }
  const std::vector<std::size_t>& lengths() const noexcept { return lengths_; }

  /// How many sequences are longer than t.
  std::size_t active(std::size_t t) const noexcept { return first_[t + 1] - first_[t]; }
  /// First row of time step t; t may be time(), one past the end.
  std::size_t first_row(std::size_t t) const noexcept { return first_[t]; }
  /// The caller's number of the sequence in a slot, and back.
  std::size_t sequence(std::size_t slot) const noexcept { return sequence_[slot]; }
  std::size_t slot(std::size_t b) const noexcept { return slot_[b]; }
  /// The row of time t of sequence b, t < length(b).
  std::size_t row(std::size_t b, std::size_t t) const noexcept { return first_[t] + slot_[b]; }

  bool operator==(const SequenceLayout& other) const noexcept { return lengths_ == other.lengths_; }

 private:
  std::vector<std::size_t> lengths_, sequence_, slot_, first_;
};

using LayoutPointer = std::shared_ptr<const SequenceLayout>;

/// B sequences of F features: [T, B, F], ragged. Copying copies the numbers and shares the layout.
template <class T>
class Sequences {
 public:
  Sequences() : Sequences(std::make_shared<SequenceLayout>(std::vector<std::size_t>{}), 0) {}
  Sequences(LayoutPointer layout, std::size_t features)
      : layout_(std::move(layout)), data_({layout_->rows(), features}) {}
  /// All values zero.
  Sequences(std::vector<std::size_t> lengths, std::size_t features)
      : Sequences(std::make_shared<SequenceLayout>(std::move(lengths)), features) {}

  /// Takes another layout and width; the contents are unspecified afterwards. No allocation for a size had
  /// before.
  void reshape(const LayoutPointer& layout, std::size_t features) {
    layout_ = layout;
    data_.resize({layout->rows(), features});
  }

  const SequenceLayout& layout() const noexcept { return *layout_; }
  const LayoutPointer& layout_pointer() const noexcept { return layout_; }
  std::size_t features() const noexcept { return data_.shape()[1]; }
  std::size_t rows() const noexcept { return data_.shape()[0]; }

  /// Step t of sequence b: F values.
  std::span<T> at(std::size_t b, std::size_t t) noexcept { return matrix().row_span(layout_->row(b, t)); }
  std::span<const T> at(std::size_t b, std::size_t t) const noexcept {
    return matrix().row_span(layout_->row(b, t));
  }

  /// All rows [rows, F], in storage order.
  View<T> matrix() noexcept { return data_.matrix(); }
  View<const T> matrix() const noexcept { return data_.matrix(); }
  /// The rows of time step t: [active(t), F], slot by slot.
  View<T> step(std::size_t t) noexcept { return matrix().rows(layout_->first_row(t), layout_->active(t)); }
  View<const T> step(std::size_t t) const noexcept {
    return matrix().rows(layout_->first_row(t), layout_->active(t));
  }

  std::span<T> values() noexcept { return data_.span(); }
  std::span<const T> values() const noexcept { return data_.span(); }
  void fill(T value) noexcept { data_.fill(value); }

 private:
  LayoutPointer layout_;
  Tensor<T> data_;
};

/// The layout of time steps [begin, end) of every sequence: shorter ones become shorter or empty. begin <=
/// end, which may lie beyond the longest.
LayoutPointer slice_layout(const SequenceLayout& layout, std::size_t begin, std::size_t end);
/// The steps of `from` that come `first` after those of `to`, as far as `to` reaches; same batch and
/// features.
template <class T>
void copy_steps(const Sequences<T>& from, std::size_t first, Sequences<T>& to);
/// Both: those steps as sequences of their own.
template <class T>
Sequences<T> slice_time(const Sequences<T>& sequences, std::size_t begin, std::size_t end);

}  // namespace carousel
