// Where training takes its batches from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tensor/sequences.h"

namespace carousel {

template <class T>
struct Batch {
  Sequences<T> x;  ///< [T, B, inputs]
  /// [T, B, targets], as long as the network's outputs, NaN where there is no target; of an encoder-decoder
  /// or transducer, and with a loss of whole sequences, [U, B, 1], symbols, as long as they are.
  Sequences<T> targets;
  /// Empty, or one flag a sequence: not zero where sequence b goes on from the final state of sequence b of
  /// the batch before. All others begin at state zero.
  std::vector<std::uint8_t> carry;
};

/// Batches as a function of (epoch, index), and of the seed that the source was made with, so that the place
/// in the data is two numbers. A validation source is asked for epoch 0 only.
template <class T>
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  virtual std::size_t batches(std::size_t epoch) const = 0;
  /// index < batches(epoch)
  virtual Batch<T> get(std::size_t epoch, std::size_t index) const = 0;
};

}  // namespace carousel
