// What an audio file is by its first bytes, and whether it is whole. Decoders take a file that was cut short
// for a shorter one.
#pragma once

#include <string>

#include "data/seekable_bytes.h"

namespace carousel {

enum class AudioContainer { wav, flac, ogg };

/// Throws DataError, naming the source, for bytes that are none of these; for a WAV file without its samples,
/// with none, or with fewer than it says; for an OGG file that ends before its end of stream. Whether a FLAC
/// file is whole shows when it is decoded.
AudioContainer check_audio_container(SeekableBytes& bytes, const std::string& source);

}  // namespace carousel
