// Collections of music from files that the test writes itself.
#include "data/music.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "data/npy.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

auto refused(const std::string& message) { return testing::ThrowsMessage<DataError>(HasSubstr(message)); }

class MusicFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("carousel_music_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path path(const std::string& name) const { return folder_ / name; }
  /// One note of two beats, and one of half a beat that begins with the second.
  void midi(const std::string& name) const {
    fs::create_directories(path(name).parent_path());
    write_midi(path(name), std::vector<Note>{{0, 2, 60, 64, 0}, {1, 0.5, 67, 64, 0}}, 120);
  }

  fs::path folder_;
};

TEST_F(MusicFiles, AMidiFileIsReadAtSoManyStepsABeat) {
  midi("a.mid");
  const Music music = read_music(path("a.mid"), {PianoKeys::piano, 2});
  ASSERT_EQ(music.pieces.size(), 1u);
  EXPECT_FALSE(music.parts);
  EXPECT_THAT(music.pieces[0].steps,
              ElementsAre(ElementsAre(60), ElementsAre(60), ElementsAre(60, 67), ElementsAre(60)));
}

TEST_F(MusicFiles, AFolderIsReadByNameAndItsPartsAreKept) {
  midi("all/b.MID");
  midi("all/deep/a.midi");
  write_file(path("all/notes.txt"), "no music");
  const Music plain = read_music(path("all"), {});
  ASSERT_EQ(plain.pieces.size(), 2u);
  EXPECT_THAT(plain.pieces[0].name, HasSubstr("b.MID"));
  EXPECT_FALSE(plain.parts);
  for (const char* name : {"set/test/1.mid", "set/train/1.mid", "set/train/2.mid", "set/valid/1.mid"})
    midi(name);
  const Music parts = read_music(path("set"), {});
  EXPECT_EQ(parts.parts, (Split{{0, 2}, {2, 3}, {3, 4}}));
  EXPECT_THAT(parts.pieces[3].name, HasSubstr("test"));
  midi("set/stray.mid");
  EXPECT_THAT([&] { read_music(path("set"), {}); }, refused("stray.mid: found a file outside"));
  write_file(path("set/test/2.mid"), "MThd");
  const Music good = read_music(path("set"), {.bad = {.skipped = true}});
  EXPECT_EQ(good.parts, (Split{{0, 2}, {2, 3}, {3, 4}}));
  ASSERT_EQ(good.bad.size(), 2u);
  EXPECT_THAT(good.bad[0].name, HasSubstr("set/stray.mid"));
  EXPECT_THAT(good.bad[1].name, HasSubstr("set/test/2.mid"));
  EXPECT_THAT(good.bad[1].reason, testing::Not(HasSubstr("2.mid")));
  fs::create_directories(path("none"));
  EXPECT_THAT([&] { read_music(path("none"), {}); }, refused("found no MIDI files"));
}

TEST_F(MusicFiles, ListsOfPitchesComeInPartsWhateverTheirOrder) {
  write_file(path("a.json"), R"({"test": [[[61]]], "train": [[[60, 64], []], [[62]]], "valid": [[[63]]]})");
  const Music music = read_music(path("a.json"), {});
  EXPECT_EQ(music.parts, (Split{{0, 2}, {2, 3}, {3, 4}}));
  EXPECT_THAT(music.pieces[0].steps, ElementsAre(ElementsAre(60, 64), IsEmpty()));
  EXPECT_THAT(music.pieces[3].steps, ElementsAre(ElementsAre(61)));
  write_file(path("b.json"), R"({"trian": [[[61]]]})");
  EXPECT_THAT([&] { read_music(path("b.json"), {}); }, refused("'trian', piece 1: expected a part called"));
  write_file(path("c.json"), R"({"train": [[[61]], []]})");
  EXPECT_THAT([&] { read_music(path("c.json"), {}); }, refused("'train', piece 2: found a piece without"));
  write_file(path("d.json"), "{}");
  EXPECT_THAT([&] { read_music(path("d.json"), {}); }, refused("d.json: found no music"));
}

TEST_F(MusicFiles, AnArrayIsOnePieceOrSeveral) {
  Array roll{Shape{2, 88}, std::vector<float>(2 * 88)};
  roll.values[39] = roll.values[88 + 87] = 1;
  write_npy(path("a.npy"), roll);
  EXPECT_THAT(read_music(path("a.npy"), {}).pieces.at(0).steps,
              ElementsAre(ElementsAre(60), ElementsAre(108)));
  roll.shape = Shape{2, 1, 88};
  write_npy(path("b.npy"), roll);
  const Music two = read_music(path("b.npy"), {});
  ASSERT_EQ(two.pieces.size(), 2u);
  EXPECT_THAT(two.pieces[1].steps, ElementsAre(ElementsAre(108)));
}

TEST_F(MusicFiles, WhatIsNoPianoRollIsRefusedByItsPlace) {
  Array roll{Shape{2, 88}, std::vector<float>(2 * 88)};
  roll.values[88 + 3] = 0.5f;
  write_npy(path("half.npy"), roll);
  EXPECT_THAT([&] { read_music(path("half.npy"), {}); }, refused("half.npy, step 2, column 4: found 0.5"));
  write_npy(path("wide.npy"), {Shape{1, 128}, std::vector<float>(128)});
  EXPECT_THAT([&] { read_music(path("wide.npy"), {}); },
              refused("[1, 128], expected a piano roll [steps, 88]"));
  EXPECT_EQ(read_music(path("wide.npy"), {PianoKeys::all, 1}).pieces.size(), 1u);
  write_npy(path("flat.npy"), {Shape{88}, std::vector<float>(88)});
  EXPECT_THAT([&] { read_music(path("flat.npy"), {}); }, refused("[88], expected a piano roll"));
  write_file(path("a.wav"), "");
  EXPECT_THAT([&] { read_music(path("a.wav"), {}); }, refused("a.wav: expected music"));
}

TEST_F(MusicFiles, MusicIsKnownByItsName) {
  EXPECT_TRUE(is_music("a.MAT"));
  EXPECT_TRUE(is_music(folder_));
  EXPECT_FALSE(is_music("a.txt"));
  EXPECT_TRUE(is_in_beats("a.midi"));
  EXPECT_FALSE(is_in_beats("a.npy"));
}

}  // namespace
}  // namespace carousel
