#include "data/netcdf.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <climits>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "base/file.h"
#include "carousel/error.h"
#include "data/netcdf_file.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

auto refused(const std::string& message) { return testing::ThrowsMessage<DataError>(HasSubstr(message)); }

std::string word(std::uint32_t value) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(value >> shift & 255);
  return bytes;
}

template <class T>
std::string big_endian(const std::vector<T>& numbers) {
  std::string bytes;
  for (const T number : numbers) bytes += word(std::bit_cast<std::uint32_t>(number));
  return bytes;
}

std::string padded(std::string text) {
  text.resize((text.size() + 3) / 4 * 4);
  return text;
}

std::string text(const std::string& name) {
  return word(static_cast<std::uint32_t>(name.size())) + padded(name);
}

/// A file of version 1, written by its definition (NetCDF User's Guide, appendix B).
class Classic {
 public:
  std::size_t dimension(const std::string& name, std::size_t length) {
    dimensions_ += text(name) + word(static_cast<std::uint32_t>(length));
    return count_++;
  }
  void variable(const std::string& name, std::uint32_t type, const std::vector<std::size_t>& axes,
                const std::string& numbers) {
    std::string header = text(name) + word(static_cast<std::uint32_t>(axes.size()));
    for (const std::size_t axis : axes) header += word(static_cast<std::uint32_t>(axis));
    headers_.push_back(header + word(0) + word(0) + word(type) +
                       word(static_cast<std::uint32_t>(numbers.size())));
    numbers_.push_back(padded(numbers));
  }
  std::string bytes() const {
    std::string header = "CDF\x01" + word(0) + word(10) + word(static_cast<std::uint32_t>(count_)) +
                         dimensions_ + word(0) + word(0) + word(11) +
                         word(static_cast<std::uint32_t>(headers_.size()));
    std::size_t begin = header.size();
    for (const std::string& variable : headers_) begin += variable.size() + 4;
    std::string data;
    for (std::size_t i = 0; i < headers_.size(); ++i) {
      header += headers_[i] + word(static_cast<std::uint32_t>(begin + data.size()));
      data += numbers_[i];
    }
    return header + data;
  }

 private:
  std::string dimensions_;
  std::size_t count_ = 0;
  std::vector<std::string> headers_, numbers_;
};

std::string golden(const std::string& name) {
  return std::string(CAROUSEL_GOLDEN_NETCDF) + "/" + name + ".nc";
}

TEST(NetcdfVariables, OfEveryTypeAsTheLibraryWritesThem) {
  const Array fixed{Shape{2, 3}, {1, 2, 3, 4, 5, 6}};
  for (const std::string name : {"classic", "classic_single", "offset64", "data64"}) {
    const std::string path = golden(name);
    const bool wide = name == "data64", single = wide || name == "classic_single";
    std::vector<std::string> names = {"byte", "char", "short", "int", "float", "double"};
    if (wide) names.insert(names.end(), {"ubyte", "ushort", "uint", "int64", "uint64"});
    names.emplace_back("x");
    if (!single) names.emplace_back("other");
    EXPECT_EQ(netcdf_variables(path), names) << name;
    for (const std::string& variable : names) {
      if (variable == "char") {
        EXPECT_THAT([&] { read_netcdf(path, "char"); }, refused("variable 'char': found characters"));
      } else if (variable == "other") {
        EXPECT_EQ(read_netcdf(path, "other"), (Array{Shape{2}, {1, 2}})) << name;
      } else {
        EXPECT_EQ(read_netcdf(path, variable), fixed) << name << ' ' << variable;
      }
    }
    EXPECT_THAT(
        [&] { read_netcdf(path, "shor"); },
        testing::ThrowsMessage<SettingError>(HasSubstr("has no variable 'shor'; did you mean 'short'")));
  }
}

TEST(NetcdfVariables, WholeNumbersAndTexts) {
  const std::string bytes = read_file(golden("data64"), 1 << 20);
  const NetcdfFile file(bytes, "a.nc");
  for (const char* const name : {"byte", "ubyte", "short", "ushort", "int", "uint", "int64", "uint64", "x"})
    EXPECT_THAT(file.whole_numbers(name), ElementsAre(1, 2, 3, 4, 5, 6)) << name;
  EXPECT_THAT([&] { file.whole_numbers("float"); }, refused("expected whole numbers"));
  EXPECT_THAT(file.texts("char"), ElementsAre("ab", "cde"));
  EXPECT_THAT([&] { file.texts("byte"); }, refused("expected texts"));
  EXPECT_EQ(file.dimension("columns"), 3u);
  EXPECT_EQ(file.dimension("records"), 2u);
  EXPECT_EQ(file.dimension("none"), 0u);
}

TEST(NetcdfVariables, CutOffAnywhereIsRefused) {
  for (const char* const name : {"classic", "classic_single", "offset64", "data64"}) {
    const std::string whole = read_file(golden(name), 1 << 20);
    const NetcdfFile file(whole, "a.nc");
    for (std::size_t length = 0; length + 3 < whole.size(); ++length) {
      const std::string cut = whole.substr(0, length);
      // x is the last that the file holds, but for one byte of `other` in each record and its padding.
      EXPECT_THAT(
          [&] {
            NetcdfFile(cut, "a.nc").numbers("x");
            NetcdfFile(cut, "a.nc").numbers(file.variables().back());
          },
          refused("a.nc"))
          << name << ' ' << length;
    }
  }
  EXPECT_THROW(read_netcdf("/nowhere/a.nc", "x"), FileError);
  EXPECT_THROW(netcdf_variables("http://127.0.0.1/x.nc"), FileError);
}

TEST(NetcdfVariables, HostileHeaders) {
  const auto reads = [](const std::string& bytes) {
    return [bytes] { NetcdfFile(bytes, "a.nc").numbers("x"); };
  };
  Classic file;
  const std::size_t axis = file.dimension("n", 2);
  file.variable("x", 5, {axis}, big_endian(std::vector<float>{1, 2}));
  const std::string good = file.bytes();
  EXPECT_THAT(NetcdfFile(good, "a.nc").numbers("x").values, ElementsAre(1, 2));
  const auto with = [&](std::size_t at, const std::string& bytes) {
    return std::string(good).replace(at, bytes.size(), bytes);
  };
  const std::string most = "\xff\xff\xff\xff";
  EXPECT_THAT(reads("\x89HDF\r\n\x1a\n"),
              refused("byte 0: found a file of NetCDF-4, expected a classic one"));
  EXPECT_THAT(reads("abcd"), refused("byte 0: expected a NetCDF file"));
  EXPECT_THAT(reads(with(3, "\x03")), refused("byte 3: found version 3"));
  EXPECT_THAT(reads(with(4, most)), refused("the file was never finished"));
  EXPECT_THAT(reads(with(8, word(11))), refused("found the list 0xb of 1 entries, expected 0xa"));
  EXPECT_THAT(reads(with(12, most)), refused("a.nc: byte "));
  EXPECT_THAT(reads(with(16, most)), refused("found a name longer than the file"));
  EXPECT_THAT(reads(with(20, "\xff")), refused("found the name '\\xff', expected UTF-8"));
  EXPECT_THAT(reads(with(24, most)),
              refused("variable 'x': found 17179869180 bytes of numbers from byte 80 on"));
  // The variable: name, its axes, dimension, attributes, type, size, begin.
  EXPECT_THAT(reads(with(52, most)), refused("a.nc: byte "));
  EXPECT_THAT(reads(with(56, most)), refused("found dimension 4294967295, expected one of 1"));
  EXPECT_THAT(reads(with(68, word(7))), refused("found numbers of type 7, expected 1 to 6"));
  EXPECT_THAT(reads(with(76, most)), refused("from byte 4294967295 on"));
  EXPECT_EQ(NetcdfFile(with(24, word(0)), "a.nc").numbers("x").shape, (Shape{0}))
      << "records, of which there are none";
}

TEST(NetcdfVariables, AbsurdShapesAreRefused) {
  Classic file;
  const std::size_t many = file.dimension("many", 0xFFFFFFFF), axis = file.dimension("axis", 1);
  file.variable("wide", 6, {many, many, many}, "");
  file.variable("long", 6, {many}, "");
  file.variable("axes", 6, {axis, axis, axis, axis, axis, axis, axis}, "");
  const std::string bytes = file.bytes();
  const NetcdfFile open(bytes, "a.nc");
  EXPECT_THAT([&] { open.numbers("wide"); }, refused("more numbers than a file can hold"));
  EXPECT_THAT([&] { open.numbers("long"); }, refused("found 34359738360 bytes of numbers"));
  EXPECT_THAT([&] { open.numbers("axes"); }, refused("found 7 axes"));
}

/// What stands in the variables of a file for sequences of 2, 0 and 3 steps; a test changes some of it.
struct Layout {
  std::vector<int> lengths = {2, 0, 3};
  std::vector<float> inputs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  std::vector<int> classes = {0, 2, 1, 1, 0};
  std::vector<float> patterns = {1, 2, 3, 4, 5};
  std::string tags = std::string("a\0\0bc\0d\0\0", 9), strings = std::string("x y\0\0\0z\0\0", 9),
              labels = "xyz";

  std::string bytes() const {
    Classic file;
    const auto sized = [&](const char* name, std::size_t length) { return file.dimension(name, length); };
    const std::size_t sequences = sized("numSeqs", lengths.size()),
                      steps = sized("numTimesteps", inputs.size() / 2), size = sized("inputPattSize", 2),
                      tag = sized("maxSeqTagLength", 3), string = sized("maxTargStringLength", 3),
                      label = sized("maxLabelLength", 1), targets = sized("targetPattSize", 1),
                      names = sized("numLabels", 3),
                      class_steps = sized("classSteps", std::max<std::size_t>(classes.size(), 1)),
                      pattern_steps = sized("patternSteps", std::max<std::size_t>(patterns.size(), 1));
    file.variable("seqLengths", 4, {sequences}, big_endian(lengths));
    file.variable("inputs", 5, {steps, size}, big_endian(inputs));
    if (!classes.empty()) file.variable("targetClasses", 4, {class_steps}, big_endian(classes));
    if (!patterns.empty()) file.variable("targetPatterns", 5, {pattern_steps, targets}, big_endian(patterns));
    if (!tags.empty()) file.variable("seqTags", 2, {sequences, tag}, tags);
    if (!strings.empty()) file.variable("targetStrings", 2, {sequences, string}, strings);
    if (!labels.empty()) file.variable("labels", 2, {names, label}, labels);
    return file.bytes();
  }
  NetcdfSequences read() const { return parse_netcdf_sequences(bytes(), "a.nc"); }
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

TEST(NetcdfSequences, AClassForEachSequence) {
  Layout layout;
  layout.classes = {2, 0, 1};
  EXPECT_THAT(layout.read().classes, ElementsAre(2, 0, 1));
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
              refused("found class 3 at place 4, expected one below"));
  EXPECT_THAT(changed([](Layout& l) { l.classes[0] = -1; }), refused("found class -1 at place 1"));
  EXPECT_THAT(changed([](Layout& l) { l.classes.pop_back(); }),
              refused("found 4 classes, expected one for each of 5"));
  EXPECT_THAT(changed([](Layout& l) { l.patterns.push_back(1); }),
              refused("'targetPatterns': found 6 time steps"));
  EXPECT_THAT(changed([](Layout& l) { l.patterns[3] = std::numeric_limits<float>::quiet_NaN(); }),
              refused("'targetPatterns': found nan at time step 4"));
  EXPECT_THAT(changed([](Layout& l) { l.tags[0] = '\xff'; }),
              refused("'seqTags': found '\\xff', expected UTF-8"));
}

TEST(NetcdfSequences, MissingVariablesAreNamed) {
  Classic file;
  file.variable("input", 5, {file.dimension("t", 2)}, big_endian(std::vector<float>{1, 2}));
  EXPECT_THAT(
      [&] { parse_netcdf_sequences(file.bytes(), "a.nc"); },
      testing::ThrowsMessage<SettingError>(HasSubstr("has no variable 'inputs'; did you mean 'input'")));
}

TEST(NetcdfSequences, CutOffAnywhereIsRefused) {
  Layout layout;
  layout.labels.clear();
  // Three bytes of padding stand at the end.
  const std::string whole = layout.bytes();
  for (std::size_t length = 0; length + 3 < whole.size(); ++length)
    EXPECT_THAT([&] { parse_netcdf_sequences(whole.substr(0, length), "a.nc"); }, refused("a.nc")) << length;
}

}  // namespace
}  // namespace carousel
