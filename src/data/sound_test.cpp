#include "data/sound.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "data/audio_testing.h"

namespace carousel {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

TEST(Sound, BytesAreReadAsTheirFileIs) {
  const std::string path = ::testing::TempDir() + "/sound_test.wav";
  for (const int format : {SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
                           SF_FORMAT_OGG | SF_FORMAT_VORBIS}) {
    const std::string bytes = encoded(format, 16000, 2, sine(440, 16000, 20000));
    write_file(path, bytes);
    const SpectrumOptions options{.rate = 8000, .mels = 12};
    const auto examples = open_sound(ByteSource(std::string_view(bytes)), "a", options);
    ASSERT_EQ(examples->list().size(), 1u);
    EXPECT_EQ(examples->list()[0].name, "a");
    const Features found = examples->read(0), expected = read_features(path, {.audio = options});
    EXPECT_GT(found.steps, 50u);
    EXPECT_EQ(found.steps, expected.steps);
    EXPECT_EQ(found.values, expected.values);
  }
}

TEST(Sound, WhatIsNoneIsABadExample) {
  const std::string bytes = encoded(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1, sine(440, 8000, 2000));
  for (const std::string& bad : {bytes.substr(0, 1000), bytes.substr(0, 3), std::string()}) {
    const auto examples = open_sound(ByteSource(std::string_view(bad)), "a", {});
    ASSERT_EQ(examples->list().size(), 1u);
    EXPECT_THAT([&] { examples->read(0); }, ThrowsMessage<DataError>(StartsWith("a: ")));
  }
  // Refused before it is decoded, and before more than that is held.
  EXPECT_NO_THROW(open_sound(ByteSource(std::string_view(bytes)), "a", {}, bytes.size()));
  EXPECT_THAT([&] { open_sound(ByteSource(std::string_view(bytes)), "a", {}, bytes.size() - 1); },
              ThrowsMessage<DataError>(AllOf(StartsWith("a: found more than 4043 bytes of sound"),
                                             HasSubstr("cut it into shorter files"))));
}

}  // namespace
}  // namespace carousel
