// Audio files (WAV, FLAC, OGG), read block by block: channels mixed, resampled, one channel of floats out.
// Hours of it take no more memory than a block.
//
// Decoding is libsndfile's: of WAV and FLAC, samples are exactly what the file holds, divided by full scale;
// of OGG (Vorbis, Opus) the last bits are up to the decoder's version. A program built without
// CAROUSEL_WITH_AUDIO refuses every audio file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "data/wav.h"

namespace carousel {

struct AudioOptions {
  /// Samples a second that are wanted, up to 384,000; 0: as the file has them.
  std::uint32_t rate = 0;
  /// A channel, from 0; nothing: the mean of all.
  std::optional<std::size_t> channel = {};
};

/// A file being read. Made by open_audio().
class AudioReader {
 public:
  static constexpr std::size_t kMostChannels = 64;
  static constexpr std::uint32_t kHighestRate = 384000;
  /// Samples of a larger magnitude are no audio (full scale is 1).
  static constexpr float kLargestSample = 0x1p30F;

  virtual ~AudioReader() = default;

  virtual const std::string& source() const noexcept = 0;
  /// Of what read() gives.
  virtual std::uint32_t rate() const noexcept = 0;
  /// Samples that read() gives in all, as the header says; nothing where it does not.
  virtual std::optional<std::uint64_t> length() const noexcept = 0;
  /// The next samples: as many as there is place for, fewer at the end only. Throws DataError naming source
  /// and place for a sample that is NaN, infinite or beyond kLargestSample, a part that cannot be decoded,
  /// and a file that ends before its header says.
  virtual std::size_t read(std::span<float> out) = 0;
};

/// Opens a file and decodes its first block. Throws FileError when it cannot be read; DataError naming it
/// when it is none of the formats, truncated, without samples, of more channels or a higher rate than the
/// limits, without the channel that is wanted, or encoded otherwise than in PCM, floats, A-law, mu-law, FLAC,
/// Vorbis or Opus; SettingError for a rate beyond the limit, or that is more than 128 times the file's or
/// less than a 128th.
std::unique_ptr<AudioReader> open_audio(const std::string& path, const AudioOptions& options = {});
/// Reads from memory; `source` is what messages call it. The bytes must outlive the reader.
std::unique_ptr<AudioReader> open_audio(std::string_view bytes, std::string source,
                                        const AudioOptions& options = {});

/// A whole file in memory; errors as above. Throws DataError for more than `most_samples`, before they are
/// allocated.
Audio read_audio(const std::string& path, const AudioOptions& options, std::uint64_t most_samples);

}  // namespace carousel
