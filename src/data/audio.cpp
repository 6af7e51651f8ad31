#include "data/audio.h"

#include <fmt/format.h>

#include <vector>

#include "carousel/error.h"

namespace carousel {

Audio read_audio(const std::string& path, const AudioOptions& options, std::uint64_t most_samples) {
  const std::unique_ptr<AudioReader> reader = open_audio(path, options);
  const auto refuse = [&](const std::string& found) {
    throw DataError(fmt::format("{}: found {} samples, expected at most {}; cut the file into shorter ones",
                                path, found, most_samples));
  };
  if (reader->length().value_or(0) > most_samples) refuse(fmt::format("{}", *reader->length()));
  Audio audio;
  audio.rate = reader->rate();
  constexpr std::size_t kBlockSamples = 65536;
  // The vector grows with what has been decoded, not with what a header promises.
  std::vector<float> block(kBlockSamples);
  while (const std::size_t count = reader->read(block)) {
    if (count > most_samples - audio.samples.size()) refuse("more");
    audio.samples.insert(audio.samples.end(), block.data(), block.data() + count);
  }
  return audio;
}

}  // namespace carousel
