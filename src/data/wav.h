// Audio in memory, and as a WAV file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace carousel {

/// One channel. Full scale is -1 ... 1.
struct Audio {
  /// Samples a second.
  std::uint32_t rate = 0;
  std::vector<float> samples;
};

/// Writes one channel of 16-bit samples, round(32768 x) cut to -32768 ... 32767; the file is there whole or
/// not at all. Throws FileError; Error for a rate of 0, a sample that is no finite number, more samples than
/// a WAV file holds.
void write_wav(const std::filesystem::path& path, const Audio& audio);

}  // namespace carousel
