// Collections of music to learn from: MIDI files and folders of them, piano rolls of MATLAB and NPY files,
// JSON lists of pitches. docs/formats.md says what is read of each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/bad_examples.h"
#include "data/piano_roll.h"
#include "data/split.h"

namespace carousel {

struct MusicPiece {
  std::string name;  ///< for messages: "song.mid", "jsb.mat, traindata, piece 3"
  PitchSteps steps;  ///< at least one
};

struct Music {
  std::vector<MusicPiece> pieces;
  /// Of the pieces, where the file itself says which is for what; then they lie in this order.
  std::optional<Split> parts;
  std::vector<BadExample> bad;  ///< left out
};

struct MusicReading {
  PianoKeys keys = PianoKeys::piano;
  double steps_per_beat = 4;  ///< of MIDI files; all others are in steps already
  BadExamples bad = {};       ///< pieces that cannot be read, of several
};

/// By its name: a folder, .mid, .midi, .mat, .npy or .json.
bool is_music(const std::filesystem::path& path);
/// Whether its times are in beats, and not in steps: a folder, .mid or .midi.
bool is_in_beats(const std::filesystem::path& path);

/// At least one piece. Throws DataError naming file, piece and step for a piece without steps, a roll that is
/// not [T, pitches], a value that is neither 0 nor 1 and parts of unknown names, where those are not skipped;
/// FileError; SettingError where a MATLAB file cannot be read by this program.
Music read_music(const std::filesystem::path& path, const MusicReading& reading);

}  // namespace carousel
