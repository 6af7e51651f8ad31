#include "data/midi.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string big_endian(std::size_t value, int size) {
  std::string bytes;
  while (size-- > 0) bytes += static_cast<char>(value >> 8 * size & 255);
  return bytes;
}

std::string chunk(const std::string& name, const std::string& data) {
  return name + big_endian(data.size(), 4) + data;
}

std::string header(std::size_t format, std::size_t tracks, std::size_t division) {
  return chunk("MThd", big_endian(format, 2) + big_endian(tracks, 2) + big_endian(division, 2));
}

template <std::size_t N>
std::string bytes(const char (&text)[N]) {
  return {text, N - 1};
}

/// One track of 96 ticks a beat.
std::string one_track(const std::string& events) { return header(0, 1, 96) + chunk("MTrk", events); }

std::vector<Note> read(const std::string& file) { return parse_midi(file, "a.mid"); }

auto refused(const std::string& message) { return testing::ThrowsMessage<DataError>(HasSubstr(message)); }

TEST(Midi, NotesOfATrack) {
  // On at 0, off at tick 96; on at 144 (running status), off by velocity 0 at 144 + 200 (0x81 0x48).
  EXPECT_THAT(read(one_track(
                  bytes("\x00\x90\x3c\x40\x60\x80\x3c\x00\x30\x91\x40\x7f\x81\x48\x40\x00\x00\xff\x2f\x00"))),
              ElementsAre(Note{0, 1, 60, 64, 0}, Note{1.5, 200.0 / 96, 64, 127, 1}));
}

TEST(Midi, TracksAreReadTogether) {
  const std::string late = bytes("\x60\x90\x30\x40\x60\x80\x30\x00\x00\xff\x2f\x00"),
                    early = bytes("\x00\x90\x3c\x40\x60\x80\x3c\x00\x00\xff\x2f\x00");
  EXPECT_THAT(read(header(1, 2, 96) + chunk("MTrk", late) + chunk("XFIH", "other") + chunk("MTrk", early)),
              ElementsAre(Note{0, 1, 60, 64, 0}, Note{1, 1, 48, 64, 0}));
}

TEST(Midi, WhatIsBesideNotesIsReadOver) {
  // Tempo, system exclusive, program, pressure, control and bend.
  EXPECT_THAT(
      read(one_track(bytes("\x00\xff\x51\x03\x07\xa1\x20\x00\xf0\x03\x01\x02\xf7\x00\xc0\x05\x00\xd0\x10\x00"
                           "\xb0\x07\x64\x00\xe0\x00\x40\x00\x90\x3c\x40\x60\x80\x3c\x00\x00\xff\x2f\x00"))),
      ElementsAre(Note{0, 1, 60, 64, 0}));
  EXPECT_TRUE(read(header(1, 0, 96)).empty());
}

TEST(Midi, ANoteEndsWhereItBeginsAgainAndWithItsTrack) {
  EXPECT_THAT(read(one_track(bytes("\x00\x90\x3c\x40\x30\x90\x3c\x41\x60\xff\x2f\x00"))),
              ElementsAre(Note{0, 0.5, 60, 64, 0}, Note{0.5, 1, 60, 65, 0}));
  EXPECT_TRUE(read(one_track(bytes("\x00\x80\x3c\x40"))).empty()) << "an end without a beginning";
}

TEST(Midi, WrittenAndReadAgain) {
  const std::vector<Note> notes = {{0, 1, 60, 64, 0},
                                   {0, 1.5, 64, 1, 0},
                                   {1, 0.25, 60, 127, 0},
                                   {1.25, 0.5, 60, 9, 3},
                                   {4000, 0.125, 127, 5, 9}};
  EXPECT_EQ(read(serialize_midi(notes, 120)), notes);
  EXPECT_TRUE(read(serialize_midi({}, 120)).empty());
  EXPECT_THAT(read(serialize_midi(std::vector<Note>{{0.001, 0, 60, 64, 0}}, 120)),
              ElementsAre(Note{0, 1.0 / 480, 60, 64, 0}));

  const std::filesystem::path path = testing::TempDir() + "carousel_written.mid";
  write_midi(path, notes, 90);
  EXPECT_EQ(read_midi(path), notes);
  std::filesystem::remove(path);
  EXPECT_THROW(read_midi(path), FileError);
}

TEST(Midi, TheBytesOfAFile) {
  // 500,000 microseconds a beat; a note of one beat, 480 ticks: 0x83 0x60.
  EXPECT_EQ(serialize_midi(std::vector<Note>{{0, 1, 60, 64, 0}}, 120),
            bytes("MThd\0\0\0\x06\0\0\0\x01\x01\xe0MTrk\0\0\0\x14\0\xff\x51\x03\x07\xa1\x20\0\x90\x3c\x40\x83"
                  "\x60\x80\x3c"
                  "\0\0\xff\x2f\0"));
}

TEST(Midi, WhatCannotBeWrittenIsRefused) {
  const auto write = [](const Note& note) { return serialize_midi(std::vector<Note>{note}, 120); };
  EXPECT_THROW(write({-1, 1, 60, 64, 0}), Error);
  EXPECT_THROW(write({0, 1e9, 60, 64, 0}), Error);
  EXPECT_THROW(write({NAN, 1, 60, 64, 0}), Error);
  EXPECT_THROW(write({0, 1, 128, 64, 0}), Error);
  EXPECT_THROW(write({0, 1, 60, 0, 0}), Error);
  EXPECT_THROW(write({0, 1, 60, 64, 16}), Error);
  EXPECT_THROW(serialize_midi({}, 0), Error);
  EXPECT_THROW(serialize_midi({}, 1), Error) << "more microseconds than three bytes hold";
}

TEST(Midi, CutOffAnywhereIsRefused) {
  const std::string whole = header(1, 2, 96) +
                            chunk("MTrk", bytes("\x00\x90\x3c\x40\x60\x80\x3c\x00\x00\xff\x2f\x00")) +
                            chunk("MTrk", bytes("\x00\xff\x01\x02hi\x00\xff\x2f\x00"));
  EXPECT_EQ(read(whole).size(), 1u);
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_THAT([&] { read(whole.substr(0, length)); }, refused("a.mid: byte ")) << length;
  const std::string events = bytes("\x00\x90\x3c\x40\x60\x80\x3c\x00");
  for (const std::size_t length : {1u, 2u, 3u, 5u, 6u, 7u})
    EXPECT_THAT([&] { read(one_track(events.substr(0, length))); }, refused("ends within an event"))
        << length;
}

TEST(Midi, HostileFiles) {
  const auto reads = [](const std::string& file) { return [file] { read(file); }; };
  EXPECT_THAT(reads("RIFF...."), refused("byte 0: expected a MIDI file"));
  EXPECT_THAT(reads(header(2, 1, 96)), refused("found format 2"));
  EXPECT_THAT(reads(header(0, 1, 0xE728)), refused("frames a second"));
  EXPECT_THAT(reads(header(0, 1, 0)), refused("found 0 ticks a beat"));
  EXPECT_THAT(reads(header(0, 65535, 96)), refused("ends after 0 of 65535 tracks"));
  EXPECT_THAT(reads(header(0, 1, 96) + "MTrk\xff\xff\xff\xff"),
              refused("a length of 4294967295 bytes, but 0 follow"));
  EXPECT_THAT(reads(chunk("MThd", "ab")), refused("byte 10: the data ends"));
  EXPECT_THAT(reads(one_track(bytes("\x00\x3c\x40"))), refused("byte 23: found 0x3c, expected the status"));
  EXPECT_THAT(reads(one_track(bytes("\x00\x90\x3c\x80"))),
              refused("byte 25: found 0x80, expected a byte below"));
  EXPECT_THAT(reads(one_track(bytes("\x00\xf4\x00"))), refused("found the status 0xf4"));
  EXPECT_THAT(reads(one_track(bytes("\xff\xff\xff\xff\x00"))), refused("a number of more than four bytes"));
  EXPECT_THAT(reads(one_track(bytes("\x00\xff\x01\xff\xff\xff\x7fhi"))),
              refused("a length of 268435455 bytes"));
}

}  // namespace
}  // namespace carousel
