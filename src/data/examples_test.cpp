#include "data/examples.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "base/file.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class ExamplesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("carousel_examples_" + std::to_string(::getpid()));
    fs::create_directories(folder_ / "up");
    fs::create_directories(folder_ / "down");
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) const {
    write_file(folder_ / name, text);
    return (folder_ / name).string();
  }
  /// "word word" of example i.
  static std::string targets(const Examples& examples, std::size_t i) {
    std::string text;
    for (const std::uint32_t target : examples.list()[i].targets)
      text += (text.empty() ? "" : " ") + examples.words()[target];
    return text;
  }

  fs::path folder_;
};

TEST_F(ExamplesTest, AManifestNamesFilesAndWhatTheyAre) {
  write("up/a.csv", "x,y\n1,2\n3,4\n");
  write("down/b.csv", "x,y\n5,6\n");
  const std::string path = write(
      "list.csv", "path,label,split\nup/a.csv,up,train\ndown/b.csv,down,test\nup/a.csv + down/b.csv,both,\n");
  const auto examples = open_examples(path, {});
  ASSERT_EQ(examples->list().size(), 3u);
  EXPECT_EQ(targets(*examples, 0), "up");
  EXPECT_EQ(examples->list()[1].part, ExamplePart::test);
  EXPECT_EQ(examples->list()[2].part, ExamplePart::any);
  EXPECT_THAT(examples->read(0).values, ElementsAre(1, 2, 3, 4));
  const Features joined = examples->read(2);
  EXPECT_EQ(joined.steps, 3u);
  EXPECT_EQ(joined.width, 2u);
  EXPECT_THAT(joined.values, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(ExamplesTest, AManifestSaysWhatIsWrongAndWhere) {
  write("up/a.csv", "x,y\n1,2\n");
  write("up/b.csv", "1,2,3\n4,5,6\n");
  write("up/c.csv", "x,y,z\n1,2,3\n");
  const auto open = [&](const std::string& text) { return open_examples(write("list.csv", text), {}); };
  const auto rows = open(
      "path,label,split\nup/a.csv,up,trian\nup/a.csv + ,up,\nup/a.csv,up\nup/a.csv,\xff,\n"
      "up/a.csv,up,test\n");
  const auto read = [&](std::size_t i) { return [&rows, i] { rows->read(i); }; };
  EXPECT_THAT(read(0), ThrowsMessage<DataError>(HasSubstr("list.csv line 2: found 'trian', expected train")));
  EXPECT_THAT(read(1), ThrowsMessage<DataError>(HasSubstr("line 3: found 'up/a.csv +', expected the path")));
  EXPECT_THAT(read(2), ThrowsMessage<DataError>(HasSubstr("list.csv line 4: found 2 fields, expected 3")));
  EXPECT_THAT(read(3), ThrowsMessage<DataError>(HasSubstr("list.csv line 5, column 'label': found")));
  EXPECT_THAT(rows->read(4).values, ElementsAre(1, 2));
  EXPECT_THAT([&] { open("path,split\nup/a.csv,train\n"); },
              ThrowsMessage<DataError>(HasSubstr("found no column with class")));
  const auto examples =
      open_examples(write("list.csv", "path,label\nup/a.csv + up/b.csv,up\nnone.csv,up\nup/c.csv,up\n"), {});
  EXPECT_THAT([&] { examples->read(0); },
              ThrowsMessage<DataError>(HasSubstr("found steps of 2 and of 3 values")));
  EXPECT_THAT([&] { examples->read(1); }, ThrowsMessage<FileError>(HasSubstr("none.csv")));
  EXPECT_THAT([&] { examples->read(2); },
              ThrowsMessage<DataError>(HasSubstr("up/c.csv: found column 'z', which the data learned from")));
}

TEST_F(ExamplesTest, AFolderHasOneFolderAClass) {
  write("up/b.csv", "1\n2\n");
  write("up/a.csv", "3\n4\n");
  write("down/c.csv", "5\n6\n");
  write("up/notes.txt", "not read");
  const auto examples = open_examples(folder_.string(), {});
  ASSERT_EQ(examples->list().size(), 3u);
  EXPECT_EQ(targets(*examples, 0), "down");
  EXPECT_EQ(targets(*examples, 1), "up");
  EXPECT_THAT(examples->read(1).values, ElementsAre(3, 4));
  EXPECT_THAT([&] { open_examples((folder_ / "up").string(), {}); },
              ThrowsMessage<DataError>(HasSubstr("expected one folder for each class")));
}

TEST_F(ExamplesTest, RowsOfOneExampleStandTogetherInLongForm) {
  ExampleOptions options;
  options.id = "who";
  const auto examples =
      open_examples(write("long.csv", "who,x,label,y\na,1,up,2\na,3,down,4\nb,5,up,6\n"), options);
  ASSERT_EQ(examples->list().size(), 2u);
  EXPECT_EQ(examples->list()[0].name, "a");
  EXPECT_EQ(targets(*examples, 0), "up down");
  EXPECT_THAT(examples->read(0).values, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(examples->read(1).steps, 1u);
  EXPECT_THAT([&] { open_examples(write("again.csv", "who,x,label\na,1,u\nb,1,u\na,1,u\n"), options); },
              ThrowsMessage<DataError>(HasSubstr("line 4: found rows of 'a' again, which began in line 2")));
}

TEST_F(ExamplesTest, ARowHoldsItsStepsOneBehindTheOther) {
  ExampleOptions options;
  options.width = 2;
  const auto examples = open_examples(
      write("rows.csv", "\"\",c1,c2,c3,c4,class\n1,10,20,30,40,seven\n2,50,60,,,two\n3,1,2,3,,x\n"), options);
  ASSERT_EQ(examples->list().size(), 3u);
  EXPECT_EQ(targets(*examples, 1), "two");
  EXPECT_THAT(examples->read(0).values, ElementsAre(10, 20, 30, 40));
  EXPECT_EQ(examples->read(1).steps, 1u);
  EXPECT_EQ(examples->read(2).steps, 2u);
  EXPECT_TRUE(std::isnan(examples->read(2).values.back()));
  options.width = 3;
  EXPECT_THAT([&] { open_examples(write("rows.csv", "a,b,class\n1,2,x\n3,4,y\n"), options); },
              ThrowsMessage<DataError>(
                  HasSubstr("found 2 columns of numbers, expected a whole number of steps of 3 (--width)")));
}

TEST_F(ExamplesTest, AColumnIsPassedOverForHavingNoNameAndNotForACertainOne) {
  const auto rows = open_examples(write("rows.csv", "column1,column2,class\n1,10,x\n2,20,y\n"), {});
  EXPECT_THAT(rows->read(0).values, ElementsAre(1, 10));
  ExampleOptions options;
  options.id = "who";
  const auto series = open_examples(write("long.csv", "column1,who,class\n1,a,x\n2,a,x\n"), options);
  EXPECT_THAT(series->read(0).values, ElementsAre(1, 2));
  const auto numbered = open_examples(write("long.csv", "\"\",who,x,class\n1,a,5,x\n2,a,6,x\n"), options);
  EXPECT_THAT(numbered->read(0).values, ElementsAre(5, 6));
}

TEST_F(ExamplesTest, WhatIsWrongWithOneExampleIsToldWhenItIsRead) {
  const auto rows = open_examples(write("rows.csv", "a,b,class\n1,oops,x\n3,4,y\n5,6\n7,8,z\n"), {});
  ASSERT_EQ(rows->list().size(), 4u);
  EXPECT_THAT([&] { rows->read(0); },
              ThrowsMessage<DataError>(HasSubstr("rows.csv line 2, column 'b': found 'oops'")));
  EXPECT_THAT(rows->read(1).values, ElementsAre(3, 4));
  EXPECT_THAT([&] { rows->read(2); },
              ThrowsMessage<DataError>(HasSubstr("rows.csv line 4: found 2 fields, expected 3")));
  EXPECT_EQ(targets(*rows, 3), "z");

  ExampleOptions long_form;
  long_form.id = "who";
  const auto series =
      open_examples(write("long.csv", "who,x,class\na,1,u\na,one,u\na,3,u\nb,4,v\n"), long_form);
  ASSERT_EQ(series->list().size(), 2u);
  EXPECT_THAT([&] { series->read(0); }, ThrowsMessage<DataError>(HasSubstr("line 3, column 'x'")));
  EXPECT_THAT(series->read(1).values, ElementsAre(4));

  const auto json = open_examples(
      write("a.jsonl", "{\"x\": [[1, 2]], \"y\": \"a\"}\n{\"x\": [[1, \n{\"x\": [[3]], \"y\": \"b\"}\n"), {});
  ASSERT_EQ(json->list().size(), 3u);
  EXPECT_THAT([&] { json->read(1); }, ThrowsMessage<DataError>(HasSubstr("a.jsonl line 2: ")));
  EXPECT_EQ(json->read(2).width, 1u);

  const auto parts = open_examples(write("b.jsonl", R"({"x": [1], "y": "a", "split": "nix"})"), {});
  EXPECT_THAT([&] { parts->read(0); }, ThrowsMessage<DataError>(HasSubstr("b.jsonl line 1: found 'nix'")));

  const auto tokens = open_examples(write("a.conll", "A x\nB y\n\nA x\nB\nC z\n\nC z\n"), {});
  ASSERT_EQ(tokens->list().size(), 3u);
  EXPECT_THAT([&] { tokens->read(1); },
              ThrowsMessage<DataError>(HasSubstr("a.conll line 5: found 1 column, expected 2")));
  EXPECT_EQ(targets(*tokens, 2), "z");
}

TEST_F(ExamplesTest, WithoutTargetsRowsWithoutAnIdAreOneExample) {
  ExampleOptions options;
  options.id = "who";
  options.format = ExampleFormat::series;
  const std::string path = write("one.csv", "x\n1\n2\n");
  EXPECT_THAT([&] { open_examples(path, options); },
              ThrowsMessage<SettingError>(HasSubstr("has no column 'who'")));
  options.targets = false;
  const auto examples = open_examples(path, options);
  ASSERT_EQ(examples->list().size(), 1u);
  EXPECT_EQ(examples->list()[0].name, path);
  EXPECT_THAT(examples->read(0).values, ElementsAre(1, 2));
}

TEST_F(ExamplesTest, PartsMeanNothingWhereThereNeedBeNoTargets) {
  ExampleOptions options;
  options.targets = false;
  write("a.csv", "x\n1\n");
  const auto good = [&](const std::string& path) {
    EXPECT_THAT(open_examples(path, options)->read(0).values, ElementsAre(1)) << path;
  };
  good(write("list.csv", "path,label,split\na.csv,up,nix\n"));
  good(write("a.jsonl", R"({"x": [1], "split": "nix"})"));
  options.format = ExampleFormat::rows;
  good(write("rows.csv", "x,split\n1,nix\n"));
  options.format = ExampleFormat::series;
  good(write("rows.csv", "x,split\n1,nix\n"));
}

TEST_F(ExamplesTest, ASpreadsheetsManifestIsOneToo) {
  write("a.csv", "x\n1\n");
  for (const char* text : {"\xEF\xBB\xBFpath,label\na.csv,up\n", "\xEF\xBB\xBF\"path\";label\r\na.csv;up\r\n",
                           "Label,Path\nup,a.csv\n", "FILE\tClass\na.csv\tup\n"}) {
    const auto examples = open_examples(write("list.csv", text), {});
    ASSERT_EQ(examples->list().size(), 1u) << text;
    EXPECT_EQ(targets(*examples, 0), "up") << text;
    EXPECT_THAT(examples->read(0).values, ElementsAre(1)) << text;
  }
}

TEST_F(ExamplesTest, WhatCannotBeReadIsNotAnnounced) {
  EXPECT_TRUE(is_feature_file("a.ogg"));
  EXPECT_FALSE(is_feature_file("a.aif"));
  EXPECT_FALSE(is_feature_file("a.aiff"));
}

TEST_F(ExamplesTest, WhatAPenWroteInEitherForm) {
  ExampleOptions options;
  options.features.pen = true;
  const auto points =
      open_examples(write("points.csv", "id,x,y,up,letter\na,1,2,0,L\na,3,2,1,L\nb,0,4,1,I\n"), [&] {
        ExampleOptions named = options;
        named.target = "letter";
        return named;
      }());
  ASSERT_EQ(points->list().size(), 2u);
  EXPECT_EQ(targets(*points, 1), "I");
  EXPECT_THAT(points->read(0).values, ElementsAre(0, 0, 0, 1, 0, 1));
  const auto rows = open_examples(write("rows.csv", "\"\",c1,c2,c3,c4,class\n1,47,100,27,100,8\n"), options);
  EXPECT_EQ(targets(*rows, 0), "8");
  EXPECT_THAT(rows->read(0).values, ElementsAre(0, 0, 0, -1, 0, 1));
  write("up/a.csv", "x,y,up\n1,2,0\n1,6,1\n");
  const auto files = open_examples(write("list.csv", "path,label\nup/a.csv,I\n"), options);
  EXPECT_THAT(files->read(0).values, ElementsAre(0, 0, 0, 0, 1, 1));
  EXPECT_THAT([&] { open_examples(write("none.csv", "id,x,y,up\na,1,2,0\n"), options); },
              ThrowsMessage<DataError>(HasSubstr("found no column with class, label or text beside x, y")));
}

TEST_F(ExamplesTest, MusicIsAPianoRoll) {
  // Middle C, pitch 60, for a beat of 96 ticks: a semitone is a column, and pitch 21 the first.
  write("up/c.mid",
        std::string("MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x0c\0\x90\x3c\x40\x60\x80\x3c\0\0\xff\x2f\0",
                    34));
  ExampleOptions options;
  options.features.steps_per_beat = 2;
  const auto examples = open_examples(write("list.csv", "path,label\nup/c.mid,C\n"), options);
  const Features read = examples->read(0);
  EXPECT_EQ(read.steps, 2u);
  ASSERT_EQ(read.width, 88u);
  EXPECT_EQ(read.step(1)[39], 1);
  EXPECT_EQ(read.step(1)[40], 0);
}

TEST_F(ExamplesTest, WhatNobodyHasLabelledCanBeReadAsWell) {
  ExampleOptions options;
  options.targets = false;
  const auto file = open_examples(write("one.csv", "x,y\n1,2\n3,4\n"), options);
  EXPECT_EQ(file->read(0).steps, 2u);
  EXPECT_TRUE(file->list()[0].targets.empty());
  write("a.csv", "x\n1\n");
  const auto manifest = open_examples(write("list.csv", "path\na.csv\na.csv + a.csv\n"), options);
  EXPECT_EQ(manifest->list().size(), 2u);
  EXPECT_TRUE(manifest->list()[0].targets.empty());
  EXPECT_THAT([&] { open_examples(write("data.xyz", "x"), {}); },
              ThrowsMessage<SettingError>(HasSubstr("cannot be told by its name")));
}

}  // namespace
}  // namespace carousel
