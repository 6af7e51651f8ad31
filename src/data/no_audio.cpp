// In place of sndfile_audio.cpp in a program built without CAROUSEL_WITH_AUDIO.
#include "carousel/error.h"
#include "data/audio.h"

namespace carousel {
namespace {

[[noreturn]] void refuse(const std::string& source) {
  throw DataError(
      source + ": this program was built without audio; build it with libsndfile and CAROUSEL_WITH_AUDIO=ON");
}

}  // namespace

std::unique_ptr<AudioReader> open_audio(const std::string& path, const AudioOptions& /*options*/) {
  refuse(path);
}

std::unique_ptr<AudioReader> open_audio(std::string_view /*bytes*/, std::string source,
                                        const AudioOptions& /*options*/) {
  refuse(source);
}

}  // namespace carousel
