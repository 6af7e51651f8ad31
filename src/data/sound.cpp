#include "data/sound.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "data/example_kinds.h"

namespace carousel {
namespace {

constexpr std::size_t kBlockSamples = 1 << 16, kBlockBytes = 1 << 20;  // read at a time

// Of audio files; ? is any byte.
constexpr std::array<std::string_view, 5> kBeginnings = {"RIFF????WAVE", "RIFX????WAVE", "RF64????WAVE",
                                                         "fLaC", "OggS"};

/// As far as both go.
bool agree(std::string_view bytes, std::string_view beginning) {
  const std::size_t count = std::min(bytes.size(), beginning.size());
  return std::ranges::equal(bytes.substr(0, count), beginning.substr(0, count),
                            [](char byte, char wanted) { return wanted == '?' || byte == wanted; });
}

std::string all_bytes(ByteSource& source, const std::string& name, std::size_t most) {
  std::string bytes;
  std::vector<char> block(kBlockBytes);
  while (const std::size_t count = source.read(block.data(), block.size())) {
    if (count > most - bytes.size())
      throw DataError(fmt::format(
          "{}: found more than {} bytes of sound, expected at most so many; cut it into shorter files", name,
          most));
    bytes.append(block.data(), count);
  }
  return bytes;
}

}  // namespace

/// A block at a time: sound takes much more room than what is made of it.
Features sound_features(AudioReader& sound, const SpectrumOptions& options) {
  SpectrumStream stream(options);
  Features features{0, spectrum_features(options), {}};
  std::vector<float> block(kBlockSamples);
  while (const std::size_t count = sound.read(block))
    stream.push(std::span<const float>(block).first(count), features.values);
  stream.finish(features.values);
  features.steps = features.values.size() / features.width;
  return features;
}

bool standard_input_begins_as_sound() {
  for (std::size_t wanted = 1;; ++wanted) {
    const std::string_view begin = look_ahead_in_standard_input(wanted);
    const auto like = std::ranges::find_if(kBeginnings, [&](auto one) { return agree(begin, one); });
    if (like == kBeginnings.end() || begin.size() < wanted) return false;
    if (begin.size() == like->size()) return true;
  }
}

std::unique_ptr<Examples> open_sound(ByteSource bytes, const std::string& name,
                                     const SpectrumOptions& options, std::size_t most) {
  const std::string sound = all_bytes(bytes, name, most);
  auto examples = std::make_unique<MemoryExamples>();
  try {
    examples->add({name, ExamplePart::any, {}},
                  sound_features(*open_audio(sound, name, {.rate = options.rate, .channel = options.channel}),
                                 options));
  } catch (const Error& error) {
    examples->add({name, ExamplePart::any, {}}, {});
    examples->spoil(error.what());
  }
  return examples;
}

}  // namespace carousel
