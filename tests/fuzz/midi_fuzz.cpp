// Any bytes: refused with a DataError, or read as notes; their roll, read as notes, has the same roll again,
// and those notes are written and read.
#include <carousel/error.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "data/midi.h"
#include "data/piano_roll.h"

namespace {

using namespace carousel;

/// Steps that a run of the fuzzer has time for.
constexpr double kWorthDrawing = 1000;

void draw(const std::vector<Note>& notes) {
  for (const Note& note : notes)
    if (note.start + note.length > kWorthDrawing) return;
  const Array roll = piano_roll(notes, PianoKeys::all, 2, "fuzz.mid");
  const std::vector<Note> drawn = notes_of(roll, PianoKeys::all, 2, 64);
  const Array again = piano_roll(drawn, PianoKeys::all, 2, "again.mid");
  if (again != roll) std::abort();
  if (parse_midi(serialize_midi(drawn, 120), "drawn.mid").size() != drawn.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<Note> notes;
  try {
    notes = parse_midi({reinterpret_cast<const char*>(data), size}, "fuzz.mid");
  } catch (const DataError&) {
    return 0;
  }
  if (notes.size() > size) std::abort();
  draw(notes);
  return 0;
}
