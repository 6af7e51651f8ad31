#include "data/piano_roll.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

auto refused(const std::string& message) { return testing::ThrowsMessage<DataError>(HasSubstr(message)); }

/// The steps and pitches that sound, "0:60 0:64 1:60".
std::string sounding(const Array& roll, PianoKeys keys) {
  std::string text;
  for (std::size_t t = 0; t < roll.shape[0]; ++t)
    for (std::size_t column = 0; column < roll.shape[1]; ++column)
      if (roll.slice(t)[column] != 0)
        text +=
            (text.empty() ? "" : " ") + std::to_string(t) + ":" + std::to_string(column + lowest_pitch(keys));
  return text;
}

TEST(PianoRoll, NotesAtSteps) {
  const std::vector<Note> notes = {
      {0, 0.5, 60, 64, 0}, {0.26, 0.01, 21, 1, 0}, {1, 0.4, 108, 64, 2}, {0, 9, 35, 64, 9}};
  const Array roll = piano_roll(notes, PianoKeys::piano, 4, "a.mid");
  EXPECT_EQ(roll.shape, (Shape{6, 88}));
  EXPECT_EQ(sounding(roll, PianoKeys::piano), "0:60 1:21 1:60 4:108 5:108");
  EXPECT_EQ(sounding(piano_roll(notes, PianoKeys::all, 1, "a.mid"), PianoKeys::all), "0:21 0:60 1:108");
  EXPECT_EQ(piano_roll({}, PianoKeys::all, 1, "a.mid").shape, (Shape{0, 128}));
}

TEST(PianoRoll, NotesAndBack) {
  const std::vector<Note> notes = {
      {0, 0.5, 60, 70, 0}, {0, 1, 64, 70, 0}, {1, 0.25, 60, 70, 0}, {2.25, 1, 21, 70, 0}};
  for (const PianoKeys keys : {PianoKeys::piano, PianoKeys::all})
    EXPECT_EQ(notes_of(piano_roll(notes, keys, 4, "a"), keys, 4, 70), notes);
  EXPECT_THROW(notes_of(Array{Shape{1, 88}, std::vector<float>(88)}, PianoKeys::all, 4, 70), Error);
  EXPECT_THROW(notes_of(Array{Shape{88}, std::vector<float>(88)}, PianoKeys::piano, 4, 70), Error);
  EXPECT_THROW(notes_of(Array{Shape{0, 88}, {}}, PianoKeys::piano, 0, 70), Error);
}

TEST(PianoRoll, WhatCannotBeHeldIsRefused) {
  const auto roll = [](const Note& note, double steps) {
    return [note, steps] { piano_roll(std::vector<Note>{note}, PianoKeys::piano, steps, "a.mid"); };
  };
  EXPECT_THAT(roll({2, 1, 20, 64, 0}, 4),
              refused("a.mid, beat 2: found pitch 20, expected 21 to 108; with all 128"));
  EXPECT_THAT(roll({0, 1, 109, 64, 0}, 4), refused("found pitch 109"));
  EXPECT_THAT(roll({0, 65537, 60, 64, 0}, 4), refused("expected at most 262144 steps"));
  EXPECT_THAT(roll({1e300, 1, 60, 64, 0}, 4), refused("expected at most 262144 steps"));
  EXPECT_THROW(roll({0, 1, 60, 64, 0}, 0)(), Error);
  EXPECT_THROW(roll({0, 1, 60, 64, 0}, 2000)(), Error);
}

TEST(Chords, PiecesOfEveryPart) {
  const std::string json =
      R"({"train": [[[60, 64], [], [64, 60, 60]], [[21]]], "test": [[[-1, 62]]], "valid": []})";
  const std::vector<ChordPiece> pieces = parse_chords(json, "a.json");
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(pieces[0].split, "train");
  ASSERT_EQ(pieces[0].steps.size(), 3u);
  EXPECT_THAT(pieces[0].steps[0], ElementsAre(60, 64));
  EXPECT_TRUE(pieces[0].steps[1].empty());
  EXPECT_THAT(pieces[0].steps[2], ElementsAre(60, 64));
  EXPECT_EQ(pieces[1].split, "train");
  EXPECT_EQ(pieces[2].split, "test");
  EXPECT_THAT(pieces[2].steps[0], ElementsAre(62));
  EXPECT_EQ(sounding(piano_roll(pieces[0], PianoKeys::piano, "a"), PianoKeys::piano), "0:60 0:64 2:60 2:64");
  EXPECT_THAT(
      [] {
        piano_roll(ChordPiece{"", {{}, {5}}}, PianoKeys::piano, "a.json");
      },
      refused("a.json, step 2: found pitch 5, expected 21 to 108"));

  const std::filesystem::path path = testing::TempDir() + "carousel_chords.json";
  std::ofstream(path) << json;
  EXPECT_EQ(read_chords(path).size(), 3u);
  std::filesystem::remove(path);
  EXPECT_THROW(read_chords(path), FileError);
}

TEST(Chords, WhatDoesNotFitIsNamed) {
  const auto reads = [](std::string_view json) { return [json] { parse_chords(json, "a.json"); }; };
  EXPECT_THAT(reads("[[[60]]]"), refused("a.json: found a list, expected an object"));
  EXPECT_THAT(reads("{\"train\": 3}"), refused("a.json, 'train': found 3, expected a list of pieces"));
  EXPECT_THAT(reads("{\"train\": [3]}"), refused("'train': found 3, expected a list of steps"));
  EXPECT_THAT(reads("{\"train\": [[[1]], [3]]}"),
              refused("'train', piece 2: found 3, expected a list of pitches"));
  EXPECT_THAT(reads("{\"train\": [[[60], [128]]]}"),
              refused("'train', piece 1, step 2: found 128, expected a pitch"));
  EXPECT_THAT(reads("{\"train\": [[[-2]]]}"), refused("step 1: found -2"));
  EXPECT_THAT(reads("{\"train\": [[[60.5]]]}"), refused("found 60.5"));
  EXPECT_THAT(reads("{\"train\": [[[null]]]}"), refused("found null"));
  EXPECT_THAT(reads("{\"train\": [[[[60]]]]}"), refused("found a list, expected a pitch"));
  EXPECT_THAT(reads("{\"train\": {\"a\": 1}}"), refused("found an object"));
  const std::string_view whole = R"({"train": [[[60, 64], []]]})";
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_THAT(reads(whole.substr(0, length)), refused("a.json: byte ")) << length;
}

}  // namespace
}  // namespace carousel
