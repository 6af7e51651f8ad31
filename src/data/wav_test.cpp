#include "data/wav.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "base/file.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string path_of(const char* name) {
  return (std::filesystem::path(::testing::TempDir()) / name).string();
}

TEST(Wav, BytesAreThoseOfTheFormat) {
  const std::string path = path_of("carousel_wav_test.wav");
  write_wav(path, {8000, {0, 0.5F, -1, 1, -3, 1.4F / 32768, -1.6F / 32768}});
  using namespace std::string_literals;
  EXPECT_EQ(read_file(path, 1000),
            "RIFF\x32\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1F\0\0\x80\x3E\0\0\2\0\x10\0"
            "data\x0E\0\0\0"
            "\0\0\0\x40\0\x80\xFF\x7F\0\x80\1\0\xFE\xFF"s);
  std::filesystem::remove(path);
}

TEST(Wav, WhatIsNoAudioIsRefused) {
  const std::string path = path_of("carousel_wav_refused.wav");
  EXPECT_THAT([&] { write_wav(path, {0, {1}}); }, ThrowsMessage<Error>(HasSubstr("a rate of at least 1")));
  EXPECT_THAT(
      [&] {
        write_wav(path, {8000, {0, std::numeric_limits<float>::quiet_NaN()}});
      },
      ThrowsMessage<Error>(HasSubstr("expected finite samples, got nan")));
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_THROW(write_wav(path_of("no_such_folder/a.wav"), {8000, {0}}), FileError);
}

}  // namespace
}  // namespace carousel
