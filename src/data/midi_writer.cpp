#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/file.h"
#include "data/midi.h"

namespace carousel {
namespace {

constexpr std::uint64_t kTicksPerBeat = 480;
constexpr double kMostBeats = 100000, kSlowest = 4, kFastest = 10000;

struct Event {
  std::uint64_t tick;
  /// Ends stand before beginnings at the same tick.
  bool begins;
  std::uint8_t pitch, velocity, channel;

  auto order() const { return std::tuple(tick, begins, pitch, channel); }
};

void check(const Note& note) {
  const bool times = note.start >= 0 && note.length >= 0 && note.start + note.length <= kMostBeats;
  const bool names = note.pitch < 128 && note.velocity >= 1 && note.velocity < 128 && note.channel < 16;
  if (times && names) return;
  throw Error(
      fmt::format("[midi] expected a note within {} beats, of pitch 0 to 127, velocity 1 to 127 and "
                  "channel 0 to 15, got start {}, length {}, pitch {}, velocity {}, channel {}",
                  kMostBeats, note.start, note.length, note.pitch, note.velocity, note.channel));
}

std::uint64_t tick(double beats) {
  return static_cast<std::uint64_t>(std::llround(beats * static_cast<double>(kTicksPerBeat)));
}

std::vector<Event> events_of(std::span<const Note> notes) {
  std::vector<Event> events;
  for (const Note& note : notes) {
    check(note);
    const std::uint64_t begin = tick(note.start), end = std::max(begin + 1, tick(note.start + note.length));
    events.push_back({begin, true, note.pitch, note.velocity, note.channel});
    events.push_back({end, false, note.pitch, 0, note.channel});
  }
  std::ranges::stable_sort(events, {}, &Event::order);
  return events;
}

void append_number(std::string& bytes, std::uint64_t value, int size) {
  while (size-- > 0) bytes += static_cast<char>(value >> 8 * size & 255);
}

/// Seven bits a byte, the highest ones first; all but the last have their highest bit set.
void append_variable_number(std::string& bytes, std::uint64_t value) {
  for (int shift = 21; shift > 0; shift -= 7) {
    if (value >> shift > 0) bytes += static_cast<char>((value >> shift & 127) | 128);
  }
  bytes += static_cast<char>(value & 127);
}

}  // namespace

std::string serialize_midi(std::span<const Note> notes, double beats_per_minute) {
  if (!(beats_per_minute >= kSlowest && beats_per_minute <= kFastest)) {
    throw Error(
        fmt::format("[midi] expected {} to {} beats a minute, got {}", kSlowest, kFastest, beats_per_minute));
  }
  // A meta event (0xff) of type 0x51: microseconds a beat, in three bytes.
  std::string track = {'\0', '\xff', '\x51', '\x03'};
  append_number(track, static_cast<std::uint64_t>(std::llround(60e6 / beats_per_minute)), 3);
  std::uint64_t now = 0;
  for (const Event& event : events_of(notes)) {
    append_variable_number(track, event.tick - now);
    now = event.tick;
    track += static_cast<char>((event.begins ? 0x90 : 0x80) | event.channel);
    track += {static_cast<char>(event.pitch), static_cast<char>(event.velocity)};
  }
  track += {'\0', '\xff', '\x2f', '\0'};
  if (track.size() > UINT32_MAX) throw Error("[midi] more notes than a MIDI file can hold");
  std::string bytes = "MThd";
  append_number(bytes, 6, 4);
  append_number(bytes, 0, 2);
  append_number(bytes, 1, 2);
  append_number(bytes, kTicksPerBeat, 2);
  bytes += "MTrk";
  append_number(bytes, track.size(), 4);
  return bytes + track;
}

void write_midi(const std::filesystem::path& path, std::span<const Note> notes, double beats_per_minute) {
  write_file(path, serialize_midi(notes, beats_per_minute));
}

}  // namespace carousel
