// Music as batches for the trainer: whole pieces side by side, of each step the notes that sound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/music.h"
#include "training/batch_source.h"

namespace carousel {

/// Which notes sound at step t is to be told from those at the steps before; at the first step from nothing,
/// an input of zeros (Boulanger-Lewandowski, Bengio & Vincent, ICML 2012). Keeps the pieces' place.
class MusicBatches final : public BatchSource<float> {
 public:
  struct Options {
    PianoKeys keys = PianoKeys::piano;
    std::size_t rows = 8;      ///< pieces side by side
    std::size_t chunk = 1000;  ///< steps of a batch; longer pieces go on in the next one, with their state
    bool shuffled = false;     ///< in an order of its own in every epoch, moved by up to so many semitones:
    std::size_t transpose = 0;
    std::uint64_t seed = 0;
  };
  MusicBatches(std::span<const MusicPiece> pieces, const Options& options);

  std::size_t batches(std::size_t epoch) const override;
  Batch<float> get(std::size_t epoch, std::size_t index) const override;

 private:
  std::vector<std::size_t> order(std::size_t epoch) const;
  /// Batches that these pieces, side by side, take.
  std::size_t chunks(std::span<const std::size_t> group) const;
  /// Columns that a piece is moved by: no note leaves the keys.
  std::ptrdiff_t shift(std::size_t epoch, std::size_t piece) const;

  std::span<const MusicPiece> pieces_;
  Options options_;
};

}  // namespace carousel
