// Audio files that are damaged or lie: a DataError that names the file and what is wrong.
#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "data/audio.h"
#include "data/audio_testing.h"

namespace carousel {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::Throws;

constexpr int kWav = SF_FORMAT_WAV | SF_FORMAT_PCM_16, kFloats = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
constexpr int kFlac = SF_FORMAT_FLAC | SF_FORMAT_PCM_16, kOgg = SF_FORMAT_OGG | SF_FORMAT_VORBIS;

/// What is said of such a file; nothing if it was read to its end.
std::string refusal(std::string_view bytes) {
  try {
    const auto reader = open_audio(bytes, "x.wav");
    std::vector<float> block(5000);
    while (reader->read(block) > 0) {
    }
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), StartsWith("x.wav: "));
    return error.what();
  }
  return {};
}

std::string with(std::string bytes, std::size_t at, std::string_view part) {
  return bytes.replace(at, part.size(), part);
}

TEST(HostileAudio, WhatIsNoAudioIsNamedByItsFirstBytes) {
  EXPECT_THAT(refusal(""), HasSubstr("found an empty file, expected WAV, FLAC or OGG audio"));
  EXPECT_THAT(refusal("abc"), HasSubstr("begins with the bytes 61 62 63, expected WAV"));
  EXPECT_THAT(refusal("RIFF\1\1\1\1AVI LIST"), HasSubstr("begins with the bytes 52 49 46 46 01 01 01 01 41"));
  // Formats that libsndfile would read as well, some of them without a header.
  EXPECT_THAT(refusal(encoded(SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 8000, 1, {0, 0})),
              HasSubstr("expected WAV"));
  EXPECT_THAT(refusal(encoded(SF_FORMAT_AU | SF_FORMAT_PCM_16, 8000, 1, {0, 0})), HasSubstr("expected WAV"));
  EXPECT_THAT(refusal("fLaC" + std::string(1000, '\xAA')), HasSubstr("cannot be decoded"));
}

TEST(HostileAudio, AFileCutAnywhereIsTruncated) {
  const std::vector<float> samples = sine(440, 8000, 6000);
  for (const int format : {kWav, kFloats, kFlac, kOgg, SF_FORMAT_RF64 | SF_FORMAT_PCM_16}) {
    const std::string bytes = encoded(format, 8000, 1, samples);
    ASSERT_EQ(refusal(bytes), "");
    const std::size_t step = bytes.size() / 61 + 1;
    for (std::size_t size = 0; size < bytes.size(); size += size < 60 ? 1 : step)
      EXPECT_NE(refusal(std::string_view(bytes).substr(0, size)), "") << format << " cut to " << size;
    EXPECT_NE(refusal(std::string_view(bytes).substr(0, bytes.size() - 1)), "") << format;
  }
  const std::string wav = encoded(kWav, 8000, 1, samples);
  EXPECT_THAT(
      refusal(std::string_view(wav).substr(0, 1044)),
      HasSubstr("found 1000 bytes of samples, expected 12000 as the header says; the file is truncated"));
  EXPECT_THAT(refusal(std::string_view(wav).substr(0, 40)), HasSubstr("found no samples (chunk 'data')"));
  const std::string ogg = encoded(kOgg, 8000, 1, samples);
  EXPECT_THAT(refusal(std::string_view(ogg).substr(0, ogg.size() - 100)),
              HasSubstr("no end of an OGG page at the end"));
  EXPECT_THAT(refusal(std::string_view(ogg).substr(0, ogg.rfind("OggS"))),
              HasSubstr("an OGG page that is not the last"));
  const std::string flac = encoded(kFlac, 8000, 1, samples);
  EXPECT_THAT(refusal(std::string_view(flac).substr(0, flac.size() - 100)),
              AllOf(HasSubstr(" of 6000 samples"), HasSubstr("the file is truncated or damaged")));
}

TEST(HostileAudio, ASizeThatAWriterIntoAPipeCouldNotKnowMeansToTheEnd) {
  const std::string wav = encoded(kWav, 8000, 1, {0, 0.5F, 0});
  EXPECT_EQ(open_audio(std::string_view(with(wav, 40, "\xFF\xFF\xFF\xFF")), "a")->length(), 3U);
}

/// A FLAC file whose header does not say how many samples follow (36 bits of STREAMINFO, RFC 9639, 8.2).
std::string flac_of_unknown_length(const std::vector<float>& samples) {
  std::string flac = encoded(kFlac, 8000, 1, samples);
  flac[21] = static_cast<char>(flac[21] & 0xF0);
  return flac.replace(22, 4, 4, '\0');
}

TEST(HostileAudio, AFlacFileNeedNotSayHowLongItIs) {
  const std::vector<float> samples = sine(440, 8000, 6000);
  const std::string flac = flac_of_unknown_length(samples);
  const auto reader = open_audio(std::string_view(flac), "a");
  EXPECT_EQ(reader->length(), std::nullopt);
  std::vector<float> out(7000);
  EXPECT_EQ(reader->read(out), 6000U);
  // Metadata blocks: a byte whose highest bit marks the last, three of length.
  std::size_t at = 4;
  for (bool last = false; !last;) {
    const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(flac[at + i])}; };
    last = (byte(0) & 0x80) != 0;
    at += 4 + (byte(1) << 16 | byte(2) << 8 | byte(3));
  }
  EXPECT_NE(refusal(std::string_view(flac).substr(0, at)), "");
  EXPECT_NE(refusal(std::string_view(flac).substr(0, at + 100)), "");
}

TEST(HostileAudio, NoSamplesAreNone) {
  for (const int format : {kWav, kFloats, kOgg})
    EXPECT_THAT(refusal(encoded(format, 8000, 1, {})), HasSubstr("found 0 samples, expected at least 1"))
        << format;
  using namespace std::string_literals;
  // A chunk of other things behind no samples.
  const std::string wav = with(encoded(kWav, 8000, 1, {0.5F, 0.5F, 0.5F, 0.5F}), 40, "\0\0\0\0"s);
  EXPECT_THAT(refusal(wav), HasSubstr("found 0 samples, expected at least 1"));
}

TEST(HostileAudio, HeadersOutOfReachAreRefused) {
  const std::vector<float> frame(65);
  EXPECT_EQ(refusal(encoded(kWav, 8000, 64, std::vector<float>(64))), "");
  EXPECT_THAT(refusal(encoded(kWav, 8000, 65, frame)), HasSubstr("found 65 channels, expected 1 to 64"));
  const std::string wav = encoded(kWav, 8000, 1, {0, 0, 0});
  using namespace std::string_literals;
  EXPECT_THAT(refusal(with(wav, 24, "\x01\xDC\x05\x00"s)),
              HasSubstr("found 384001 samples a second, expected 1 to 384000"));
  EXPECT_NE(refusal(with(wav, 24, "\0\0\0\0"s)), "");
  EXPECT_NE(refusal(with(wav, 24, "\xFF\xFF\xFF\xFF"s)), "");
  EXPECT_NE(refusal(with(wav, 22, "\0\0"s)), "");
  EXPECT_NE(refusal(with(wav, 22, "\xFF\xFF"s)), "");
  EXPECT_NE(refusal(with(wav, 34, "\x00\x03"s)), "");
  EXPECT_NE(refusal(with(wav, 16, "\xFF\xFF\xFF\x7F"s)), "");
  EXPECT_THAT(
      refusal(encoded(SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, 8000, 1, std::vector<float>(1000))),
      AllOf(HasSubstr("found samples encoded as IMA ADPCM, expected PCM"), HasSubstr("convert the file")));
  std::string chunks = wav.substr(0, 36);
  for (int i = 0; i < 20000; ++i) chunks += "junk\0\0\0\0"s;
  EXPECT_THAT(refusal(chunks + wav.substr(36)), HasSubstr("found no samples (chunk 'data')"));
}

TEST(HostileAudio, ASampleThatIsNoNumberIsNamedByItsPlace) {
  std::vector<float> samples(2 * 9000);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity, 1e30F}) {
    samples[2 * 8000 + 1] = bad;
    EXPECT_THAT(refusal(encoded(kFloats, 8000, 2, samples)),
                AllOf(HasSubstr("sample 8000 (1.0000 s) of channel 1: found "),
                      HasSubstr("expected a finite number")))
        << bad;
  }
}

TEST(HostileAudio, WhatCannotBeOpenedIsAFileError) {
  const std::string folder = ::testing::TempDir();
  EXPECT_THAT([&] { open_audio(folder); }, Throws<FileError>());
  EXPECT_THAT([&] { open_audio(folder + "/no_such_file.wav"); }, Throws<FileError>());
  EXPECT_THAT([&] { open_audio(std::string("/dev/null")); }, Throws<FileError>());
}

}  // namespace
}  // namespace carousel
