// Music as a matrix: which pitches sound at each step; as in Boulanger-Lewandowski, Bengio & Vincent (2012).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/array.h"
#include "data/midi.h"

namespace carousel {

/// Which pitches the columns of a roll are: the 88 keys of a piano from pitch 21 on, or all 128.
enum class PianoKeys { piano, all };

std::size_t pitches(PianoKeys keys) noexcept;
/// The pitch of column 0.
std::size_t lowest_pitch(PianoKeys keys) noexcept;

/// [T, pitches], 1 where a pitch sounds, else 0. Times are rounded to steps, and a note sounds for one step
/// or more; percussion is left out. Throws DataError naming `source` for a pitch that is none of the keys,
/// and more than 262,144 steps; Error unless there are 1/64 to 1024 steps a beat.
Array piano_roll(std::span<const Note> notes, PianoKeys keys, double steps_per_beat,
                 const std::string& source);

/// The notes of a roll: a pitch that stays above 1/2 for several steps is one note. Throws Error unless the
/// roll is [T, pitches], and for steps_per_beat as above.
std::vector<Note> notes_of(const Array& roll, PianoKeys keys, double steps_per_beat, std::uint8_t velocity);

/// The pitches that sound at each step, each once, ascending.
using PitchSteps = std::vector<std::vector<std::uint8_t>>;

/// A piece, and the part of the data that it is in.
struct ChordPiece {
  std::string split;
  PitchSteps steps;
};

/// JSON of the form {"train": [[[60, 64], [], ...], ...], "test": ...}: for each part of the data its pieces,
/// of each the steps, of each the pitches; -1 is a rest. Throws DataError naming `source`, the part, piece
/// and step.
std::vector<ChordPiece> parse_chords(std::string_view json, const std::string& source);
/// Throws also FileError.
std::vector<ChordPiece> read_chords(const std::filesystem::path& path);

/// [T, pitches], as above. Throws DataError naming `source`.
Array piano_roll(const ChordPiece& piece, PianoKeys keys, const std::string& source);

}  // namespace carousel
