// Sequences of steps made of sound: its spectrum.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "data/audio.h"
#include "data/examples.h"
#include "data/record_reader.h"

namespace carousel {

/// Of all that is left of the sound. Throws as its read().
Features sound_features(AudioReader& sound, const SpectrumOptions& options);

/// Does standard input begin as WAV, FLAC or OGG files do? Waits for no more bytes than that takes to tell.
bool standard_input_begins_as_sound();

/// One example, of which nobody says what it is: the bytes of an audio file, read to their end. `name` is
/// what it, and messages, are called. Throws FileError; DataError for more than `most` bytes.
std::unique_ptr<Examples> open_sound(ByteSource bytes, const std::string& name,
                                     const SpectrumOptions& options, std::size_t most = std::size_t{1} << 30);

}  // namespace carousel
