#include "data/music.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <string_view>

#include "data/cells.h"
#include "data/matlab.h"
#include "data/npy.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;

enum class Part : std::size_t { train, validation, test };

/// As variables, folders and members of JSON are called.
std::optional<Part> part_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Part>, 8> kNames = {
      {{"train", Part::train},
       {"traindata", Part::train},
       {"valid", Part::validation},
       {"validdata", Part::validation},
       {"validation", Part::validation},
       {"validationdata", Part::validation},
       {"test", Part::test},
       {"testdata", Part::test}}};
  const auto found = std::ranges::find(kNames, name, [](const auto& entry) { return entry.first; });
  return found == kNames.end() ? std::nullopt : std::optional(found->second);
}

std::string ending(const fs::path& path) {
  std::string text = path.extension().string();
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}
bool is_folder(const fs::path& path) {
  std::error_code none;
  return fs::is_directory(path, none);
}
bool is_midi(const fs::path& path) { return ending(path) == ".mid" || ending(path) == ".midi"; }

/// Takes pieces in any order of their parts.
class Collector {
 public:
  Collector(PianoKeys keys, const BadExamples& bad) : keys_(keys), bad_(bad) {}

  /// What read() gives is the roll; what it throws is wrong with the piece. part: none where the file does
  /// not say.
  template <class Read>
  void add(const std::string& name, std::optional<Part> part, const Read& read) {
    has_parts_ = has_parts_ || part.has_value();
    bad_.take(name, [&] {
      parts_[static_cast<std::size_t>(part.value_or(Part::train))].push_back({name, steps_of(name, read())});
    });
  }

  void add_bad(BadExample piece) { bad_.add(std::move(piece)); }

  Music finish(const std::string& source) {
    Music music;
    std::array<Range, 3> ranges;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      ranges[p].begin = music.pieces.size();
      std::ranges::move(parts_[p], std::back_inserter(music.pieces));
      ranges[p].end = music.pieces.size();
    }
    if (music.pieces.empty())
      throw DataError(source + ": found no music, expected at least one piece" + first_left_out(bad_.list()));
    music.bad = bad_.list();
    if (has_parts_) music.parts = Split{ranges[0], ranges[1], ranges[2]};
    return music;
  }

 private:
  PitchSteps steps_of(const std::string& name, const Array& roll) const {
    const std::size_t columns = pitches(keys_);
    if (roll.shape.size() == 0)
      throw DataError(name + ": found a piece without notes, expected at least one step");
    if (roll.shape.rank() != 2 || roll.shape[1] != columns)
      throw DataError(fmt::format(
          "{}: found {}, expected a piano roll [steps, {}] of {}", name, roll.shape.to_string(), columns,
          keys_ == PianoKeys::piano ? "the piano's keys; all 128 pitches can be read" : "all pitches"));
    PitchSteps steps(roll.shape[0]);
    for (std::size_t t = 0; t < steps.size(); ++t)
      for (std::size_t column = 0; column < columns; ++column) {
        const float value = roll.slice(t)[column];
        if (value != 0 && value != 1)
          throw DataError(fmt::format("{}, step {}, column {}: found {}, expected 0 or 1", name, t + 1,
                                      column + 1, value));
        if (value == 1) steps[t].push_back(static_cast<std::uint8_t>(lowest_pitch(keys_) + column));
      }
    return steps;
  }

  PianoKeys keys_;
  BadExampleList bad_;
  bool has_parts_ = false;
  std::array<std::vector<MusicPiece>, 3> parts_;
};

void add_midi(Collector& out, const fs::path& path, const MusicReading& reading, std::optional<Part> part) {
  const std::string name = path.string();
  out.add(name, part,
          [&] { return piano_roll(read_midi(path), reading.keys, reading.steps_per_beat, name); });
}

/// All MIDI files of a folder and those within, by name; a folder that is called as a part is one.
void add_folder(Collector& out, const fs::path& folder, const MusicReading& reading) {
  std::vector<fs::path> files;
  try {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file() && is_midi(entry.path())) files.push_back(entry.path());
  } catch (const fs::filesystem_error& error) {
    throw FileError(fmt::format("{}: cannot read the folder: {}", folder.string(), error.code().message()));
  }
  if (files.empty()) throw DataError(folder.string() + ": found no MIDI files (.mid, .midi) in this folder");
  std::ranges::sort(files);
  const auto part = [&](const fs::path& file) {
    return part_of(file.lexically_relative(folder).begin()->string());
  };
  const bool any = std::ranges::any_of(files, [&](const fs::path& file) { return part(file).has_value(); });
  for (const fs::path& file : files) {
    if (part(file) || !any)
      add_midi(out, file, reading, part(file));
    else
      out.add_bad(
          {file.string(), "found a file outside the folders of parts; put it into train, valid or test"});
  }
}

void add_matlab(Collector& out, const fs::path& path) {
  const std::vector<std::string> names = matlab_variables(path);
  std::vector<std::string> wanted;
  std::ranges::copy_if(names, std::back_inserter(wanted),
                       [](const std::string& name) { return part_of(name).has_value(); });
  if (wanted.empty() && names.size() == 1) wanted = names;
  if (wanted.empty()) {
    std::vector<std::string> found;
    for (const std::string& name : names) found.push_back(shown(name));
    throw DataError(fmt::format(
        "{}: found the variables {}, expected piano rolls in traindata, validdata and testdata, or a single "
        "variable",
        path.string(), fmt::join(found, ", ")));
  }
  for (const std::string& name : wanted) {
    const std::vector<Array> rolls = read_matlab(path, name);
    for (std::size_t i = 0; i < rolls.size(); ++i)
      out.add(fmt::format("{}, {}, piece {}", path.string(), shown(name), i + 1), part_of(name),
              [&]() -> const Array& { return rolls[i]; });
  }
}

/// [T, pitches] is one piece, [N, T, pitches] are several.
void add_npy(Collector& out, const fs::path& path) {
  const Array array = read_npy(path);
  if (array.shape.rank() != 3)
    return out.add(path.string(), std::nullopt, [&]() -> const Array& { return array; });
  for (std::size_t i = 0; i < array.shape[0]; ++i) {
    const std::span<const float> values = array.slice(i);
    out.add(fmt::format("{}, piece {}", path.string(), i + 1), std::nullopt, [&] {
      return Array{Shape{array.shape[1], array.shape[2]}, {values.begin(), values.end()}};
    });
  }
}

void add_chords(Collector& out, const fs::path& path, PianoKeys keys) {
  std::size_t number = 0;
  for (const ChordPiece& piece : read_chords(path)) {
    const std::string name = fmt::format("{}, '{}', piece {}", path.string(), shown(piece.split), ++number);
    const std::optional<Part> part = part_of(piece.split);
    if (part)
      out.add(name, part, [&] { return piano_roll(piece, keys, name); });
    else
      out.add_bad({name, "expected a part called train, valid or test"});
  }
}

}  // namespace

bool is_in_beats(const fs::path& path) { return is_midi(path) || is_folder(path); }

bool is_music(const fs::path& path) {
  static constexpr std::array<std::string_view, 3> kEndings = {".mat", ".npy", ".json"};
  return is_in_beats(path) || std::ranges::find(kEndings, ending(path)) != kEndings.end();
}

Music read_music(const fs::path& path, const MusicReading& reading) {
  // Without the only piece of a file there is nothing to go on with.
  Collector out(reading.keys, is_midi(path) ? BadExamples{} : reading.bad);
  if (is_folder(path)) {
    add_folder(out, path, reading);
  } else if (is_midi(path)) {
    add_midi(out, path, reading, std::nullopt);
  } else if (ending(path) == ".mat") {
    add_matlab(out, path);
  } else if (ending(path) == ".npy") {
    add_npy(out, path);
  } else if (ending(path) == ".json") {
    add_chords(out, path, reading.keys);
  } else {
    throw DataError(path.string() +
                    ": expected music: a file called .mid, .midi, .mat, .npy or .json, or a folder of MIDI "
                    "files");
  }
  return out.finish(path.string());
}

}  // namespace carousel
