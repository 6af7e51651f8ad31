// Any text: refused with a DataError, or read as pieces, which all have a roll.
#include <carousel/error.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "data/piano_roll.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    for (const carousel::ChordPiece& piece :
         carousel::parse_chords({reinterpret_cast<const char*>(data), size}, "fuzz.json")) {
      const carousel::Array roll = carousel::piano_roll(piece, carousel::PianoKeys::all, "fuzz.json");
      std::size_t notes = 0, sounding = 0;
      for (const auto& step : piece.steps) notes += step.size();
      for (const float value : roll.values) sounding += value == 1 ? 1 : 0;
      if (notes != sounding) std::abort();
    }
  } catch (const carousel::DataError&) {
    // The one way in which bad input may end.
  }
  return 0;
}
