#include "data/wav.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/file.h"
#include "carousel/error.h"

namespace carousel {
namespace {

void append_number(std::string& bytes, std::uint32_t number, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(number >> (8 * i) & 0xFF));
}

}  // namespace

void write_wav(const std::filesystem::path& path, const Audio& audio) {
  constexpr std::size_t kMostSamples = (std::numeric_limits<std::uint32_t>::max() - 36) / 2;
  if (audio.rate == 0 || audio.rate > std::numeric_limits<std::uint32_t>::max() / 2 ||
      audio.samples.size() > kMostSamples) {
    throw Error(fmt::format("[write_wav] expected a rate of at least 1 and at most {} samples, got {} and {}",
                            kMostSamples, audio.rate, audio.samples.size()));
  }
  const auto data_bytes = static_cast<std::uint32_t>(2 * audio.samples.size());
  std::string bytes;
  bytes.reserve(44 + std::size_t{data_bytes});
  bytes += "RIFF";
  append_number(bytes, 36 + data_bytes, 4);
  bytes += "WAVEfmt ";
  append_number(bytes, 16, 4);  // bytes of this chunk
  append_number(bytes, 1, 2);   // PCM
  append_number(bytes, 1, 2);   // channels
  append_number(bytes, audio.rate, 4);
  append_number(bytes, 2 * audio.rate, 4);  // bytes a second
  append_number(bytes, 2, 2);               // bytes of all channels of one time
  append_number(bytes, 16, 2);              // bits a sample
  bytes += "data";
  append_number(bytes, data_bytes, 4);
  for (const float sample : audio.samples) {
    if (!std::isfinite(sample))
      throw Error(fmt::format("[write_wav] expected finite samples, got {}", sample));
    const double scaled = std::round(std::clamp(static_cast<double>(sample) * 32768, -32768.0, 32767.0));
    append_number(bytes, static_cast<std::uint32_t>(static_cast<std::int32_t>(scaled)), 2);
  }
  write_file(path, bytes);
}

}  // namespace carousel
