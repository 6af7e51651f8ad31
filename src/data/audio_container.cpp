#include "data/audio_container.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "carousel/error.h"

namespace carousel {
namespace {

/// Chunks in front of the samples: real files have a dozen at most.
constexpr int kMostChunks = 10000;
constexpr std::uint32_t kUnknownSize = 0xFFFFFFFF;
constexpr std::size_t kPageHeader = 27, kMostPageBytes = kPageHeader + 255 + 255 * 255;

std::uint64_t number(std::string_view bytes, bool big_endian) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[big_endian ? i : bytes.size() - 1 - i]);
  return value;
}

// Chunks of RIFF (Microsoft & IBM 1991) and RF64 (EBU Tech 3306): four letters, the size, so many bytes, one
// more if that is odd.
void check_wav(SeekableBytes& bytes, const std::string& source, const std::string& magic) {
  const bool big_endian = magic == "RIFX";
  std::uint64_t long_size = 0;  // RF64: of the samples
  bool has_long_size = false;
  std::uint64_t at = 12;
  for (int chunk = 0; chunk < kMostChunks; ++chunk) {
    const std::string header = bytes.text(at, 8);
    if (header.empty()) break;
    const std::string id = header.substr(0, 4);
    const std::uint64_t size = number(std::string_view(header).substr(4), big_endian);
    at += 8;
    if (id == "ds64" && magic == "RF64") {
      const std::string sizes = bytes.text(at, 16);
      has_long_size = !sizes.empty();
      long_size = number(std::string_view(sizes).substr(has_long_size ? 8 : 0), false);
    }
    if (id != "data") {
      at += size + size % 2;
      continue;
    }
    const std::uint64_t rest = bytes.size() - at;
    // 0xFFFFFFFF is what a writer into a pipe leaves: up to the end.
    const std::uint64_t said = size != kUnknownSize ? size : has_long_size ? long_size : rest;
    if (said == 0) throw DataError(source + ": found 0 samples, expected at least 1");
    if (said > rest) {
      throw DataError(
          fmt::format("{}: found {} bytes of samples, expected {} as the header says; the file is "
                      "truncated, copy it anew",
                      source, rest, said));
    }
    return;
  }
  bytes.check();
  throw DataError(
      fmt::format("{}: found no samples (chunk 'data') in {} bytes of WAV; the file is truncated or damaged",
                  source, bytes.size()));
}

// Pages of Ogg (RFC 3533, 6): the last one ends the file and says that it is the last.
void check_ogg(SeekableBytes& bytes, const std::string& source) {
  const auto tail_bytes = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), kMostPageBytes));
  const std::string tail = bytes.text(bytes.size() - tail_bytes, tail_bytes);
  bytes.check();
  for (std::size_t at = tail.rfind("OggS"); at != std::string::npos;
       at = at == 0 ? at - 1 : tail.rfind("OggS", at - 1)) {
    if (tail.size() - at < kPageHeader || tail[at + 4] != 0) continue;
    const std::size_t segments = static_cast<unsigned char>(tail[at + 26]);
    std::size_t end = at + kPageHeader + segments;
    if (end > tail.size()) continue;
    for (std::size_t i = 0; i < segments; ++i) end += static_cast<unsigned char>(tail[at + kPageHeader + i]);
    if (end != tail.size()) continue;
    if ((static_cast<unsigned char>(tail[at + 5]) & 4) != 0) return;
    throw DataError(
        source + ": found an OGG page that is not the last at the end; the file is truncated, copy it anew");
  }
  throw DataError(source + ": found no end of an OGG page at the end; the file is truncated, copy it anew");
}

std::string shown_bytes(std::string_view bytes) {
  std::string text;
  for (const char c : bytes)
    text += fmt::format("{}{:02x}", text.empty() ? "" : " ", static_cast<unsigned char>(c));
  return text;
}

}  // namespace

AudioContainer check_audio_container(SeekableBytes& bytes, const std::string& source) {
  constexpr const char* kExpected = "expected WAV, FLAC or OGG audio";
  if (bytes.size() == 0) throw DataError(fmt::format("{}: found an empty file, {}", source, kExpected));
  const std::string begin =
      bytes.text(0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), 12)));
  bytes.check();
  const std::string magic = begin.substr(0, 4);
  if ((magic == "RIFF" || magic == "RIFX" || magic == "RF64") && begin.size() == 12 &&
      begin.ends_with("WAVE")) {
    check_wav(bytes, source, magic);
    return AudioContainer::wav;
  }
  if (magic == "fLaC") return AudioContainer::flac;
  if (magic == "OggS") {
    check_ogg(bytes, source);
    return AudioContainer::ogg;
  }
  throw DataError(fmt::format("{}: found a file that begins with the bytes {}, {}", source,
                              shown_bytes(begin), kExpected));
}

}  // namespace carousel
