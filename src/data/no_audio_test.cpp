#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/audio.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(NoAudio, EveryFileIsRefusedByName) {
  const auto refusal = ThrowsMessage<DataError>(HasSubstr("a.wav: this program was built without audio"));
  EXPECT_THAT([] { open_audio("a.wav"); }, refusal);
  EXPECT_THAT([] { open_audio(std::string_view("RIFF"), "a.wav"); }, refusal);
  EXPECT_THAT([] { read_audio("a.wav", {}, 100); }, refusal);
}

}  // namespace
}  // namespace carousel
