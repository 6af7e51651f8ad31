// A text as batches for the trainer: cut into streams that lie side by side, whose states are carried on from
// batch to batch.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "training/batch_source.h"

namespace carousel {

/// Every symbol but the first is to be predicted from those before it in its stream. Keeps the symbols'
/// place.
class TextBatches final : public BatchSource<float> {
 public:
  /// streams: at most so many; a text of fewer pairs has fewer. chunk: steps of a batch. shifted: epochs
  /// leave out a few first symbols, drawn from the seed, so that cuts fall elsewhere each time.
  TextBatches(std::span<const std::size_t> symbols, std::size_t streams, std::size_t chunk, bool shifted,
              std::uint64_t seed);
  /// Streams that a text of so many symbols is judged by: one for each 10,000, up to 64, so that it hardly
  /// counts what a stream cannot know yet at its beginning.
  static std::size_t judged(std::size_t symbols) { return std::clamp<std::size_t>(symbols / 10'000, 1, 64); }

  std::size_t batches(std::size_t epoch) const override;
  Batch<float> get(std::size_t epoch, std::size_t index) const override;

 private:
  /// Pairs of a symbol and the next one in an epoch begin here.
  std::size_t first(std::size_t epoch) const;
  /// Where stream s of the pairs behind `from` begins.
  std::size_t begin(std::size_t from, std::size_t s) const {
    return from + (symbols_.size() - 1 - from) * s / streams_;
  }

  std::span<const std::size_t> symbols_;
  std::size_t streams_, chunk_;
  bool shifted_;
  std::uint64_t seed_;
};

}  // namespace carousel
