#include "data/piano_roll.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace carousel {
namespace {

constexpr double kMostSteps = 1 << 18;
constexpr std::size_t kPianoPitches = 88, kLowestOfPiano = 21, kAllPitches = 128;

void check_steps_per_beat(double steps_per_beat) {
  if (steps_per_beat >= 1.0 / 64 && steps_per_beat <= 1024) return;
  throw Error(fmt::format("[piano_roll] expected 1/64 to 1024 steps a beat, got {}", steps_per_beat));
}

std::size_t column_of(std::size_t pitch, PianoKeys keys, const std::string& place) {
  if (pitch < lowest_pitch(keys) || pitch - lowest_pitch(keys) >= pitches(keys)) {
    throw DataError(fmt::format("{}: found pitch {}, expected {} to {}{}", place, pitch, lowest_pitch(keys),
                                lowest_pitch(keys) + pitches(keys) - 1,
                                keys == PianoKeys::piano ? "; with all 128 pitches it can be read" : ""));
  }
  return pitch - lowest_pitch(keys);
}

struct Steps {
  std::size_t begin, end;
};

Steps steps_of(const Note& note, double steps_per_beat, const std::string& source) {
  const double begin = std::round(note.start * steps_per_beat),
               end = std::max(begin + 1, std::round((note.start + note.length) * steps_per_beat));
  if (!(begin >= 0 && end <= kMostSteps)) {
    throw DataError(fmt::format("{}: found a note from beat {} to {}, expected at most {} steps of 1/{} beat",
                                source, note.start, note.start + note.length, kMostSteps, steps_per_beat));
  }
  return {static_cast<std::size_t>(begin), static_cast<std::size_t>(end)};
}

}  // namespace

std::size_t pitches(PianoKeys keys) noexcept {
  return keys == PianoKeys::piano ? kPianoPitches : kAllPitches;
}
std::size_t lowest_pitch(PianoKeys keys) noexcept { return keys == PianoKeys::piano ? kLowestOfPiano : 0; }

Array piano_roll(std::span<const Note> notes, PianoKeys keys, double steps_per_beat,
                 const std::string& source) {
  check_steps_per_beat(steps_per_beat);
  std::size_t length = 0;
  for (const Note& note : notes) {
    if (note.channel != kPercussionChannel) {
      length = std::max(length, steps_of(note, steps_per_beat, source).end);
    }
  }
  const std::size_t columns = pitches(keys);
  Array roll = zeros(Shape{length, columns}, source);
  for (const Note& note : notes) {
    if (note.channel == kPercussionChannel) continue;
    const std::size_t column = column_of(note.pitch, keys, fmt::format("{}, beat {}", source, note.start));
    const Steps steps = steps_of(note, steps_per_beat, source);
    for (std::size_t t = steps.begin; t < steps.end; ++t) roll.values[t * columns + column] = 1;
  }
  return roll;
}

std::vector<Note> notes_of(const Array& roll, PianoKeys keys, double steps_per_beat, std::uint8_t velocity) {
  check_steps_per_beat(steps_per_beat);
  const std::size_t columns = pitches(keys);
  if (roll.shape.rank() != 2 || roll.shape[1] != columns) {
    throw Error(fmt::format("[piano_roll] expected a roll [T, {}], got {}", columns, roll.shape.to_string()));
  }
  std::vector<Note> notes;
  const std::size_t length = roll.shape[0];
  const auto sounds = [&](std::size_t t, std::size_t column) {
    return roll.values[t * columns + column] > 0.5f;
  };
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t t = 0; t < length; ++t) {
      if (!sounds(t, column)) continue;
      const std::size_t begin = t;
      while (t < length && sounds(t, column)) ++t;
      notes.push_back({static_cast<double>(begin) / steps_per_beat,
                       static_cast<double>(t - begin) / steps_per_beat,
                       static_cast<std::uint8_t>(lowest_pitch(keys) + column), velocity, 0});
    }
  }
  std::ranges::stable_sort(notes, {}, [](const Note& note) { return std::tuple(note.start, note.pitch); });
  return notes;
}

Array piano_roll(const ChordPiece& piece, PianoKeys keys, const std::string& source) {
  const std::size_t columns = pitches(keys);
  Array roll = zeros(Shape{piece.steps.size(), columns}, source);
  for (std::size_t t = 0; t < piece.steps.size(); ++t) {
    for (const std::uint8_t pitch : piece.steps[t]) {
      roll.values[t * columns + column_of(pitch, keys, fmt::format("{}, step {}", source, t + 1))] = 1;
    }
  }
  return roll;
}

}  // namespace carousel
