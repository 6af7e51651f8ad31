// What an LSTM autoencoder reads and is to write, as batches for a network that runs forward in time: a
// window is read, row by row, and then, while nothing comes in, written down again, the last row first
// (Srivastava, Mansimov, Salakhutdinov, "Unsupervised Learning of Video Representations using LSTMs", ICML
// 2015, section 2.1, with one network for both halves; Malhotra et al., "LSTM-based Encoder-Decoder for
// Multi-sensor Anomaly Detection", 2016, judge by what cannot be written). All that gets from one half to the
// other is the state.
//
//   step    0 ... W-1               W ... 2W-1
//   x       inputs of the row, 0    0, 1
//   y       none (NaN)              targets of rows W-1 ... 0, scaled
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/windows.h"
#include "training/batch_source.h"

namespace carousel {

/// x [2W, B, windows.inputs() + 1] and y [2W, B, targets] of windows; both are given their shape here.
void gather_memory(const Windows& windows, std::span<const Window> chosen, Sequences<float>& x,
                   Sequences<float>& y);

/// Batches of windows: shuffled anew in each epoch, or as they are. Keeps references.
class MemoryBatches final : public BatchSource<float> {
 public:
  /// For training: an endless row of shuffles of all windows, cut into epochs of so many batches.
  MemoryBatches(const Windows& windows, const WindowList& list, std::size_t batch,
                std::size_t batches_per_epoch, std::uint64_t seed);
  /// For validation: these windows.
  MemoryBatches(const Windows& windows, const WindowList& list, std::vector<std::size_t> numbers,
                std::size_t batch);
  std::size_t batches(std::size_t) const override { return batches_; }
  /// Not to be called by two threads at once: the last shuffle is kept.
  Batch<float> get(std::size_t epoch, std::size_t index) const override;

 private:
  std::size_t window(std::uint64_t place) const;

  const Windows& windows_;
  const WindowList& list_;
  bool shuffled_;
  std::uint64_t seed_ = 0;
  mutable std::vector<std::size_t> order_;
  mutable std::uint64_t order_number_ = 0;
  std::size_t batch_, batches_;
};

}  // namespace carousel
