#include "data/audio.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "base/file.h"
#include "data/audio_testing.h"
#include "data/resampler.h"

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::vector<float> all_of(AudioReader& reader, std::size_t block) {
  std::vector<float> samples, part(block);
  while (const std::size_t count = reader.read(part))
    samples.insert(samples.end(), part.data(), part.data() + count);
  return samples;
}

std::vector<float> decoded(std::string_view bytes, const AudioOptions& options = {},
                           std::size_t block = 1000) {
  return all_of(*open_audio(bytes, "a", options), block);
}

/// Multiples of 1/32768, as 16-bit samples are.
std::vector<float> whole_samples(std::size_t count) {
  std::vector<float> samples = sine(440, 8000, count);
  for (float& sample : samples) sample = std::round(sample * 32768) / 32768;
  return samples;
}

TEST(Audio, LosslessFormatsGiveTheSamples) {
  const std::vector<float> samples = whole_samples(10000);
  for (const int format :
       {SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_WAV | SF_FORMAT_PCM_24, SF_FORMAT_WAV | SF_FORMAT_FLOAT,
        SF_FORMAT_WAV | SF_FORMAT_DOUBLE, SF_FORMAT_WAVEX | SF_FORMAT_PCM_32,
        SF_FORMAT_RF64 | SF_FORMAT_PCM_16, SF_FORMAT_WAV | SF_FORMAT_PCM_16 | SF_ENDIAN_BIG,
        SF_FORMAT_FLAC | SF_FORMAT_PCM_16}) {
    const std::string bytes = encoded(format, 8000, 1, samples);
    const auto reader = open_audio(std::string_view(bytes), "a");
    EXPECT_EQ(reader->rate(), 8000U);
    EXPECT_EQ(reader->length(), samples.size());
    EXPECT_EQ(all_of(*reader, 777), samples) << format;
  }
}

TEST(Audio, OggIsTheSineThatWentIn) {
  for (const int format : {SF_FORMAT_VORBIS, SF_FORMAT_OPUS}) {
    const std::vector<float> samples = sine(1000, 48000, 48000);
    const std::vector<float> out = decoded(encoded(SF_FORMAT_OGG | format, 48000, 1, samples));
    ASSERT_EQ(out.size(), samples.size());
    double product = 0, in_power = 0, out_power = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      product += static_cast<double>(samples[i]) * out[i];
      in_power += static_cast<double>(samples[i]) * samples[i];
      out_power += static_cast<double>(out[i]) * out[i];
    }
    EXPECT_GT(product / std::sqrt(in_power * out_power), 0.99) << format;
  }
}

TEST(Audio, ChannelsAreMixedOrChosen) {
  const std::string bytes =
      encoded(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 3, {0.5F, 0.25F, 0, -0.5F, 0.25F, 0.125F});
  EXPECT_THAT(decoded(bytes), ElementsAre(0.25F, -0.125F / 3));
  EXPECT_THAT(decoded(bytes, {0, 0}), ElementsAre(0.5F, -0.5F));
  EXPECT_THAT(decoded(bytes, {0, 2}), ElementsAre(0, 0.125F));
  EXPECT_THAT(
      [&] {
        decoded(bytes, {0, 3});
      },
      ThrowsMessage<DataError>(HasSubstr("a: found 3 channels, expected channel 3 as well")));
}

TEST(Audio, BlocksOfTheReaderAreThoseOfTheWholeResampled) {
  const std::vector<float> samples = whole_samples(30000);
  const std::string bytes = encoded(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 1, samples);
  std::vector<float> whole;
  Resampler resampler(44100, 16000);
  resampler.push(samples, whole);
  resampler.finish(whole);
  EXPECT_EQ(open_audio(std::string_view(bytes), "a", {16000, {}})->length(), whole.size());
  for (const std::size_t block : {1, 100, 65536}) EXPECT_EQ(decoded(bytes, {16000, {}}, block), whole);
}

TEST(Audio, AFileIsReadWholeWithinALimit) {
  const std::string path = (std::filesystem::path(::testing::TempDir()) / "carousel_audio_test.wav").string();
  const std::vector<float> samples = whole_samples(100000);
  write_wav(path, {16000, samples});
  const Audio audio = read_audio(path, {}, samples.size());
  EXPECT_EQ(audio.rate, 16000U);
  EXPECT_THAT(audio.samples, ElementsAreArray(samples));
  EXPECT_EQ(read_audio(path, {8000, {}}, 50000).samples.size(), 50000U);
  EXPECT_THAT([&] { read_audio(path, {}, 99999); },
              ThrowsMessage<DataError>(HasSubstr("found 100000 samples, expected at most 99999")));
  std::filesystem::remove(path);
}

TEST(Audio, RatesOutOfReachAreRefusedByName) {
  const std::string bytes = encoded(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 1000, 1, {0, 0});
  EXPECT_THAT(
      [&] {
        decoded(bytes, {384001, {}});
      },
      ThrowsMessage<SettingError>(HasSubstr("rate: found 384001, expected at most 384000")));
  EXPECT_THAT(
      [&] {
        decoded(bytes, {130000, {}});
      },
      ThrowsMessage<SettingError>(HasSubstr("rate: found 130000, but a has 1000 samples a second")));
}

}  // namespace
}  // namespace carousel
