// Examples in arrays as NumPy, SciPy and h5py write them (tests/golden/make_arrays.py): sequence i has 2 + i
// % 3 steps of 10 i + t and -t.
#include <carousel/error.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "data/examples.h"
#include "data/npy.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string golden(const std::string& name) { return std::string(CAROUSEL_GOLDEN_ARRAYS) + "/" + name; }

/// "word word" of example i.
std::string targets(const Examples& examples, std::size_t i) {
  std::string text;
  for (const std::uint32_t target : examples.list()[i].targets)
    text += (text.empty() ? "" : " ") + examples.words()[target];
  return text;
}

void expect_sequences(const Examples& examples) {
  ASSERT_EQ(examples.list().size(), 6u);
  for (std::size_t i = 0; i < 6; ++i) {
    std::vector<float> values;
    for (std::size_t t = 0; t < 2 + i % 3; ++t)
      values.insert(values.end(), {static_cast<float>(10 * i + t), -static_cast<float>(t)});
    const Features read = examples.read(i);
    EXPECT_EQ(read.steps, 2 + i % 3);
    EXPECT_EQ(read.width, 2u);
    EXPECT_EQ(read.values, values) << i;
  }
}

ExampleOptions texts() {
  ExampleOptions options;
  options.lists_are_texts = true;
  return options;
}

class ExampleArrays : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("carousel_example_arrays_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  fs::path folder_;
};

TEST_F(ExampleArrays, XAndYOfOneFileOrOfTwo) {
  // The shorter sequences of an NPY file end with the last number that is there.
  for (const char* name : {"sequences_x.npy", "sequences.mat", "sequences.h5"}) {
    const auto examples = open_examples(golden(name), {});
    expect_sequences(*examples);
    EXPECT_EQ(targets(*examples, 0), "0") << name;
    EXPECT_EQ(targets(*examples, 5), "1") << name;
  }
  const auto parts = open_examples(golden("sequences.h5"), {});
  EXPECT_EQ(parts->list()[3].part, ExamplePart::train) << "what the first group of its name says";
  EXPECT_EQ(parts->list()[4].part, ExamplePart::validation);
}

TEST_F(ExampleArrays, ALabelForEachStepOrATextOfThem) {
  const auto examples = open_examples(golden("labels.mat"), {});
  expect_sequences(*examples);
  EXPECT_EQ(targets(*examples, 2), "0 1 0 1");
  const auto read = open_examples(golden("labels.mat"), texts());
  EXPECT_EQ(read->list()[2].targets.size(), 1u);
  EXPECT_EQ(targets(*read, 2), "0 1 0 1");
}

TEST_F(ExampleArrays, TheLayoutOfRnnlib) {
  const auto classes = open_examples(golden("classes.nc"), {}),
             labels = open_examples(golden("labels.nc"), {}),
             strings = open_examples(golden("strings.nc"), texts());
  expect_sequences(*classes);
  expect_sequences(*labels);
  expect_sequences(*strings);
  EXPECT_EQ(classes->list()[1].name, "take 1");
  EXPECT_EQ(targets(*classes, 1), "run");
  EXPECT_EQ(labels->list()[1].name, golden("labels.nc") + " number 2");
  EXPECT_EQ(targets(*labels, 2), "walk run walk run");
  EXPECT_EQ(targets(*strings, 3), "walk run");
  EXPECT_EQ(strings->list()[3].targets.size(), 1u);
  ExampleOptions options;
  options.target = "targetStrings";
  EXPECT_THAT([&] { open_examples(golden("labels.nc"), options); },
              ThrowsMessage<DataError>(HasSubstr("labels.nc: found no targetStrings, expected variables")));
  options.target = "targetClass";
  EXPECT_THAT([&] { open_examples(golden("labels.nc"), options); },
              ThrowsMessage<SettingError>(HasSubstr("did you mean 'targetClasses'?")));
}

TEST_F(ExampleArrays, OneSequenceAFile) {
  for (const char* name : {"one.npy", "one.mat", "one.h5"}) {
    const Features read = read_features(golden(name), {});
    EXPECT_EQ(read.width, 2u);
    EXPECT_THAT(read.values, ElementsAre(10, 0, 11, -1, 12, -2)) << name;
    ExampleOptions options;
    options.targets = false;
    const auto alone = open_examples(golden(name), options);
    ASSERT_EQ(alone->list().size(), 1u);
    EXPECT_EQ(alone->list()[0].name, golden(name));
    EXPECT_THAT(alone->read(0).values, ElementsAre(10, 0, 11, -1, 12, -2)) << name;
  }
  EXPECT_THAT([&] { read_features(golden("sequences.mat"), {}); },
              ThrowsMessage<DataError>(HasSubstr("found 6 cells, expected one array")));
  EXPECT_THAT([&] { read_features(golden("sequences.h5"), {}); },
              ThrowsMessage<DataError>(HasSubstr("found 12 arrays (train/s0/x, ")));
  EXPECT_THAT([&] { read_features(golden("sequences_x.npy"), {}); },
              ThrowsMessage<DataError>(HasSubstr("found an array of 3 axes")));
}

TEST_F(ExampleArrays, WhatDoesNotFitIsNamed) {
  write_npy(path("a_x.npy"), {Shape{2, 3, 1}, {1, 2, 3, 4, 5, 6}});
  write_npy(path("ax.npy"), {Shape{2, 3, 1}, {1, 2, 3, 4, 5, 6}});
  write_npy(path("none_x.npy"), {Shape{1'000'000, 0, 1}, {}});
  write_npy(path("none_y.npy"), {Shape{1}, {1}});
  const auto opens = [](const std::string& file) { return [file] { open_examples(file, {}); }; };
  EXPECT_THAT(opens(path("a_x.npy")), ThrowsMessage<FileError>(HasSubstr("a_y.npy")));
  write_npy(path("a_y.npy"), {Shape{3}, {1, 2, 3}});
  EXPECT_THAT(
      opens(path("a_x.npy")),
      ThrowsMessage<DataError>(HasSubstr("found [3] as y, expected something for each of 2 sequences")));
  EXPECT_THAT(opens(path("ax.npy")),
              ThrowsMessage<DataError>(HasSubstr("expected a name such as train_x.npy")));
  EXPECT_THAT(opens(path("none_x.npy")), ThrowsMessage<DataError>(HasSubstr("examples without any number")));
  EXPECT_THAT(opens(golden("one.mat")), ThrowsMessage<DataError>(HasSubstr("one.mat: found no y")));
  for (const char* name : {"classes.nc", "sequences.mat", "sequences.h5", "sequences_x.npy"}) {
    const std::string whole = read_file(golden(name), 1 << 20);
    const std::string cut = path(name);
    write_file(cut, std::string_view(whole).substr(0, whole.size() / 2));
    EXPECT_THAT(opens(cut), ThrowsMessage<DataError>(HasSubstr(name)));
  }
}

TEST_F(ExampleArrays, ANumberThatIsNoneIsTheExamplesOwnFault) {
  // The inputs of sequence 2 end the file; one of them is NaN.
  std::string bytes = read_file(golden("labels.nc"), 1 << 20);
  const std::string nan = std::string("\x7f\xc0\x00\x00", 4),
                    value = std::string("\x42\x48\x00\x00", 4);  // 50
  const std::size_t at = bytes.find(value);
  ASSERT_NE(at, std::string::npos);
  write_file(path("nan.nc"), bytes.replace(at, 4, nan));
  const auto examples = open_examples(path("nan.nc"), {});
  EXPECT_THAT(examples->read(5).values[0], ::testing::IsNan());
  EXPECT_EQ(examples->read(4).values[0], 40);
}

}  // namespace
}  // namespace carousel
