// Any bytes through the audio reader and on to rows of a spectrum: an error of the library, or as many finite
// samples as the header says.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "carousel/error.h"
#include "data/audio.h"
#include "data/spectrum.h"

namespace {

/// Longer sounds show nothing new: samples of a few compressed bytes may be very many.
constexpr std::uint64_t kMostSamples = 1 << 17;

/// The first byte chooses options, so that the fuzzer reaches all of them.
void read_all(std::uint8_t choice, std::string_view bytes) {
  using namespace carousel;
  AudioOptions options;
  if ((choice & 1) != 0) options.rate = (choice & 2) != 0 ? 16000 : 8000;
  if ((choice & 4) != 0) options.channel = (choice >> 3) % 4;
  const auto reader = open_audio(bytes, "fuzz.wav", options);
  SpectrumOptions spectrum_options;
  spectrum_options.kind = SpectrumKind::mfcc;
  spectrum_options.deltas = 1;
  SpectrumStream stream(spectrum_options);
  std::vector<float> block(4096), rows;
  std::uint64_t all = 0;
  bool ended = false;
  while (!ended && all < kMostSamples) {
    const std::size_t count = reader->read(block);
    ended = count < block.size();
    for (std::size_t i = 0; i < count; ++i)
      if (!std::isfinite(block[i])) std::abort();
    stream.push({block.data(), count}, rows);
    all += count;
  }
  if (ended && reader->length() && *reader->length() != all) std::abort();
  stream.finish(rows);
  for (const float value : rows)
    if (!std::isfinite(value)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    read_all(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  } catch (const carousel::Error&) {
    // The one way in which bad input may end.
  }
  return 0;
}
