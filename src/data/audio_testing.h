// Audio files in memory, made by libsndfile itself.
#pragma once

#include <gtest/gtest.h>
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <string>
#include <vector>

namespace carousel {

struct MemoryFile {
  std::string bytes;
  std::size_t at = 0;
};

/// Interleaved samples in a libsndfile format such as SF_FORMAT_WAV | SF_FORMAT_PCM_16.
inline std::string encoded(int format, int rate, int channels, const std::vector<float>& samples) {
  MemoryFile memory;
  SF_VIRTUAL_IO io{};
  io.get_filelen = [](void* user) {
    return static_cast<sf_count_t>(static_cast<MemoryFile*>(user)->bytes.size());
  };
  io.tell = [](void* user) { return static_cast<sf_count_t>(static_cast<MemoryFile*>(user)->at); };
  io.seek = [](sf_count_t offset, int whence, void* user) {
    auto& file = *static_cast<MemoryFile*>(user);
    const std::size_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? file.at : file.bytes.size();
    file.at = from + static_cast<std::size_t>(offset);
    return static_cast<sf_count_t>(file.at);
  };
  io.read = [](void* out, sf_count_t count, void* user) {
    auto& file = *static_cast<MemoryFile*>(user);
    const std::size_t got =
        file.bytes.copy(static_cast<char*>(out), static_cast<std::size_t>(count), file.at);
    file.at += got;
    return static_cast<sf_count_t>(got);
  };
  io.write = [](const void* data, sf_count_t count, void* user) {
    auto& file = *static_cast<MemoryFile*>(user);
    const auto size = static_cast<std::size_t>(count);
    if (file.bytes.size() < file.at + size) file.bytes.resize(file.at + size);
    std::copy_n(static_cast<const char*>(data), size, file.bytes.data() + file.at);
    file.at += size;
    return count;
  };
  SF_INFO info{};
  info.format = format;
  info.samplerate = rate;
  info.channels = channels;
  SNDFILE* const file = sf_open_virtual(&io, SFM_WRITE, &info, &memory);
  EXPECT_NE(file, nullptr) << sf_strerror(nullptr);
  if (file == nullptr) return {};
  const auto count = static_cast<sf_count_t>(samples.size());
  EXPECT_EQ(sf_write_float(file, samples.data(), count), count);
  sf_close(file);
  return memory.bytes;
}

inline std::vector<float> sine(double hz, double rate, std::size_t count, double amplitude = 0.5) {
  std::vector<float> samples(count);
  for (std::size_t n = 0; n < count; ++n)
    samples[n] =
        static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * hz * static_cast<double>(n) / rate));
  return samples;
}

}  // namespace carousel
