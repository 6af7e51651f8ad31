#include "data/netcdf.h"

#include <gmock/gmock.h>
#include <netcdf.h>

#include <algorithm>
#include <climits>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "carousel/error.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

auto refused(const std::string& message) { return testing::ThrowsMessage<DataError>(HasSubstr(message)); }

/// A file made through the library itself, gone after the test.
class Netcdf {
 public:
  explicit Netcdf(const std::string& name, int format = NC_CLOBBER)
      : path_(testing::TempDir() + "carousel_" + name + ".nc") {
    EXPECT_EQ(nc_create(path_.c_str(), format, &file_), NC_NOERR);
  }
  ~Netcdf() {
    close();
    std::filesystem::remove(path_);
  }
  Netcdf(const Netcdf&) = delete;
  Netcdf& operator=(const Netcdf&) = delete;

  int dimension(const char* name, std::size_t length) {
    int id = 0;
    EXPECT_EQ(nc_def_dim(file_, name, length, &id), NC_NOERR) << name;
    return id;
  }
  int variable(const char* name, nc_type type, std::vector<int> dimensions) {
    int id = 0;
    EXPECT_EQ(nc_def_var(file_, name, type, static_cast<int>(dimensions.size()), dimensions.data(), &id),
              NC_NOERR);
    return id;
  }
  /// No more dimensions and variables.
  void data() { EXPECT_EQ(nc_enddef(file_), NC_NOERR); }
  void put(int variable, const void* numbers) { EXPECT_EQ(nc_put_var(file_, variable, numbers), NC_NOERR); }
  void attribute(int variable, const char* name, const std::string& text) {
    EXPECT_EQ(nc_put_att_text(file_, variable, name, text.size(), text.data()), NC_NOERR);
  }
  /// [rows, columns], or [rows] where columns is 0.
  void put_records(int variable, std::size_t rows, std::size_t columns, const short* numbers) {
    const std::size_t begin[] = {0, 0}, extents[] = {rows, columns};
    EXPECT_EQ(nc_put_vara_short(file_, variable, begin, extents, numbers), NC_NOERR);
  }
  /// To be called before reading.
  const std::string& close() {
    if (open_) nc_close(file_);
    open_ = false;
    return path_;
  }

 private:
  std::string path_;
  int file_ = -1;
  bool open_ = true;
};

TEST(NetcdfVariables, OfEveryType) {
  for (const int format : {NC_CLOBBER, NC_CLOBBER | NC_NETCDF4}) {
    Netcdf file("types", format);
    const int rows = file.dimension("rows", 2), columns = file.dimension("columns", 3);
    const int doubles = file.variable("doubles", NC_DOUBLE, {rows, columns}),
              bytes = file.variable("bytes", NC_BYTE, {columns}),
              whole = file.variable("whole", NC_INT, {rows}), one = file.variable("one", NC_FLOAT, {});
    file.variable("text", NC_CHAR, {rows});
    file.data();
    const double d[] = {1, -2.5, 3, 4, 5, 6};
    const signed char b[] = {-1, 0, 127};
    const int w[] = {70000, -5};
    const float o = 0.5f;
    file.put(doubles, d);
    file.put(bytes, b);
    file.put(whole, w);
    file.put(one, &o);
    const std::string& path = file.close();
    EXPECT_THAT(netcdf_variables(path), ElementsAre("doubles", "bytes", "whole", "one", "text"));
    EXPECT_EQ(read_netcdf(path, "doubles"), (Array{Shape{2, 3}, {1, -2.5f, 3, 4, 5, 6}}));
    EXPECT_EQ(read_netcdf(path, "bytes"), (Array{Shape{3}, {-1, 0, 127}}));
    EXPECT_EQ(read_netcdf(path, "whole"), (Array{Shape{2}, {70000, -5}}));
    EXPECT_EQ(read_netcdf(path, "one"), (Array{Shape{}, {0.5f}}));
    EXPECT_THAT([&] { read_netcdf(path, "text"); }, refused("variable 'text': found no numbers"));
    EXPECT_THAT(
        [&] { read_netcdf(path, "double"); },
        testing::ThrowsMessage<SettingError>(HasSubstr("has no variable 'double'; did you mean 'doubles'")));
  }
}

/// What stands in the variables of a file for sequences of 2, 0 and 3 steps; a test changes some of it.
struct Layout {
  std::vector<int> lengths = {2, 0, 3};
  std::vector<float> inputs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  std::vector<int> classes = {0, 2, 1, 1, 0};
  std::vector<float> patterns = {1, 2, 3, 4, 5};
  std::string tags = std::string("a\0\0bc\0d\0\0", 9), strings = std::string("x y\0\0\0z\0\0", 9),
              labels = "xyz";
  std::size_t label_count = 3;

  NetcdfSequences read() const {
    Netcdf file("layout");
    // A length of 0 would mean that it grows.
    const auto sized = [&](const char* name, std::size_t length) {
      return file.dimension(name, std::max<std::size_t>(length, 1));
    };
    const int sequences = sized("numSeqs", lengths.size()), steps = sized("numTimesteps", inputs.size() / 2),
              size = sized("inputPattSize", 2), tag = sized("maxSeqTagLength", 3),
              string = sized("maxTargStringLength", 3), label = sized("maxLabelLength", 1),
              targets = sized("targetPattSize", 1), names = sized("numLabels", label_count),
              class_steps = sized("classSteps", classes.size()),
              pattern_steps = sized("patternSteps", patterns.size());
    std::map<int, const void*> contents;
    const auto variable = [&](const char* name, nc_type type, std::vector<int> dimensions,
                              const void* numbers) {
      contents[file.variable(name, type, std::move(dimensions))] = numbers;
    };
    variable("seqLengths", NC_INT, {sequences}, lengths.data());
    variable("inputs", NC_FLOAT, {steps, size}, inputs.data());
    if (!classes.empty()) variable("targetClasses", NC_INT, {class_steps}, classes.data());
    if (!patterns.empty()) variable("targetPatterns", NC_FLOAT, {pattern_steps, targets}, patterns.data());
    if (!tags.empty()) variable("seqTags", NC_CHAR, {sequences, tag}, tags.data());
    if (!strings.empty()) variable("targetStrings", NC_CHAR, {sequences, string}, strings.data());
    if (!labels.empty()) variable("labels", NC_CHAR, {names, label}, labels.data());
    file.data();
    for (const auto& [id, numbers] : contents) file.put(id, numbers);
    return read_netcdf_sequences(file.close());
  }
};

TEST(NetcdfSequences, WithEveryKindOfTarget) {
  const NetcdfSequences all = Layout().read();
  ASSERT_EQ(all.sequences.size(), 3u);
  EXPECT_EQ(all.inputs, (Array{Shape{5, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}));
  EXPECT_EQ(all.sequences[0].tag, "a");
  EXPECT_EQ(all.sequences[1].tag, "bc");
  EXPECT_EQ(all.sequences[1].steps, 0u);
  EXPECT_EQ(all.sequences[2].begin, 2u);
  EXPECT_EQ(all.sequences[2].steps, 3u);
  EXPECT_EQ(all.sequences[0].target, "x y");
  EXPECT_EQ(all.sequences[2].target, "z");
  EXPECT_THAT(all.classes, ElementsAre(0, 2, 1, 1, 0));
  EXPECT_EQ(all.class_count, 3u);
  EXPECT_EQ(all.patterns, (Array{Shape{5, 1}, {1, 2, 3, 4, 5}}));
  EXPECT_THAT(all.labels, ElementsAre("x", "y", "z"));
}

TEST(NetcdfSequences, WithoutTargets) {
  Layout layout;
  layout.classes.clear();
  layout.patterns.clear();
  layout.tags.clear();
  layout.strings.clear();
  layout.labels.clear();
  const NetcdfSequences all = layout.read();
  EXPECT_EQ(all.sequences.size(), 3u);
  EXPECT_TRUE(all.classes.empty() && all.labels.empty() && all.sequences[0].tag.empty());
  EXPECT_EQ(all.patterns.shape, (Shape{0, 0}));
}

TEST(NetcdfSequences, WhatDoesNotFitIsNamed) {
  const auto changed = [](auto change) {
    Layout layout;
    change(layout);
    return [layout] { layout.read(); };
  };
  EXPECT_THAT(changed([](Layout& l) {
                l.lengths = {2, -1, 4};
              }),
              refused("'seqLengths': found -1 steps for sequence 2"));
  EXPECT_THAT(changed([](Layout& l) { l.lengths = {2, 0, 4}; }), refused("found 4 steps for sequence 3"));
  EXPECT_THAT(changed([](Layout& l) {
                l.lengths = {2, 0, 2};
              }),
              refused("found 4 time steps of all sequences, expected the 5"));
  EXPECT_THAT(changed([](Layout& l) {
                l.lengths = {INT_MAX, INT_MAX, INT_MAX};
              }),
              refused("found 2147483647 steps"));
  EXPECT_THAT(changed([](Layout& l) { l.classes[3] = 3; }),
              refused("found class 3 at time step 4, expected one below"));
  EXPECT_THAT(changed([](Layout& l) { l.classes[0] = -1; }), refused("found class -1 at time step 1"));
  EXPECT_THAT(changed([](Layout& l) { l.classes.pop_back(); }),
              refused("found 4 classes, expected one for each of 5"));
  EXPECT_THAT(changed([](Layout& l) { l.patterns.push_back(1); }),
              refused("'targetPatterns': found 6 time steps"));
  EXPECT_THAT(changed([](Layout& l) { l.inputs[3] = std::numeric_limits<float>::quiet_NaN(); }),
              refused("'inputs': found nan at time step 2"));
  EXPECT_THAT(changed([](Layout& l) { l.tags[0] = '\xff'; }),
              refused("'seqTags': found '\\xff', expected UTF-8"));
}

TEST(NetcdfSequences, MissingVariablesAreNamed) {
  Netcdf file("missing");
  file.variable("input", NC_FLOAT, {file.dimension("t", 2), file.dimension("f", 1)});
  file.data();
  EXPECT_THAT(
      [&] { read_netcdf_sequences(file.close()); },
      testing::ThrowsMessage<SettingError>(HasSubstr("has no variable 'inputs'; did you mean 'input'")));
}

TEST(NetcdfVariables, AbsurdShapesAreRefused) {
  Netcdf file("absurd", NC_CLOBBER | NC_NETCDF4);
  const int many = file.dimension("many", std::size_t{1} << 31), axis = file.dimension("axis", 1);
  file.variable("long", NC_FLOAT, {many});
  file.variable("axes", NC_FLOAT, {axis, axis, axis, axis, axis, axis, axis});
  file.data();
  const std::string& path = file.close();
  EXPECT_THAT([&] { read_netcdf(path, "long"); }, refused("stored cannot hold"));
  EXPECT_THAT([&] { read_netcdf(path, "axes"); }, refused("found 7 axes"));
}

/// A file of that format with numbers of fixed and growing length, one of which a test may leave out.
std::string file_of(int format, bool two_records) {
  Netcdf file("whole", NC_CLOBBER | format);
  const int records = file.dimension("records", NC_UNLIMITED), columns = file.dimension("columns", 3);
  const int fixed = file.variable("fixed", NC_SHORT, {columns}),
            growing = file.variable("x", NC_SHORT, {records, columns});
  const int other = two_records ? file.variable("other", NC_BYTE, {records}) : fixed;
  file.attribute(growing, "units", "hours");
  file.data();
  const short numbers[] = {1, 2, 3, 4, 5, 6};
  file.put(fixed, numbers);
  file.put_records(growing, 2, 3, numbers);
  if (two_records) file.put_records(other, 2, 0, numbers);
  return read_file(file.close(), 1 << 20);
}

TEST(NetcdfVariables, CutOffAnywhereIsRefused) {
  const std::string path = testing::TempDir() + "carousel_cut.nc";
  for (const int format : {0, NC_64BIT_OFFSET, NC_64BIT_DATA}) {
    for (const bool two_records : {false, true}) {
      const std::string whole = file_of(format, two_records);
      std::ofstream(path, std::ios::binary) << whole;
      EXPECT_EQ(read_netcdf(path, "x"), (Array{Shape{2, 3}, {1, 2, 3, 4, 5, 6}}));
      testing::internal::CaptureStderr();
      // Up to three bytes at the end may be padding.
      for (std::size_t length = 0; length + 3 < whole.size(); length += 3) {
        std::ofstream(path, std::ios::binary) << whole.substr(0, length);
        EXPECT_THAT([&] { read_netcdf(path, "x"); }, testing::ThrowsMessage<Error>(HasSubstr(path)))
            << length;
      }
      EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    }
  }
  std::filesystem::remove(path);
  EXPECT_THROW(read_netcdf(path, "x"), FileError);
  EXPECT_THROW(read_netcdf("http://127.0.0.1/x.nc", "x"), FileError) << "never asks a server";
}

}  // namespace
}  // namespace carousel
