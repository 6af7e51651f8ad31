// Notes of standard MIDI files (MIDI Manufacturers Association, RP-001). docs/formats.md says what is read of
// one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carousel {

/// start and length in beats (quarter notes); pitch 0 to 127, 60 is middle C; velocity 1 to 127; channel 0 to
/// 15, of which 9 is percussion, where a pitch names an instrument.
struct Note {
  double start = 0, length = 0;
  std::uint8_t pitch = 0, velocity = 64, channel = 0;

  bool operator==(const Note& other) const = default;
};

inline constexpr std::uint8_t kPercussionChannel = 9;

/// The notes of all tracks, sorted by start, then pitch. A note that begins again while it sounds ends there;
/// one that never ends does so with its track. Throws DataError naming `source`, the byte, what was found and
/// what was expected. Memory is bounded by a small multiple of the input's size.
std::vector<Note> parse_midi(std::string_view bytes, const std::string& source);
/// Throws also FileError.
std::vector<Note> read_midi(const std::filesystem::path& path);

/// One track of 480 ticks a beat; times are rounded to ticks, and a note lasts one tick or more. Throws Error
/// for a note outside the ranges above or beyond 100,000 beats, and a tempo outside 4 to 10,000 beats a
/// minute.
std::string serialize_midi(std::span<const Note> notes, double beats_per_minute);
/// Written whole or not at all. Throws also FileError.
void write_midi(const std::filesystem::path& path, std::span<const Note> notes, double beats_per_minute);

}  // namespace carousel
