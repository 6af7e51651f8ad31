#include "data/matlab.h"

#include <gmock/gmock.h>
#include <matio.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "carousel/error.h"
#include "data/music.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

auto refused(const std::string& message) { return testing::ThrowsMessage<DataError>(HasSubstr(message)); }

matvar_t* matrix(const char* name, matio_classes kind, matio_types type, std::size_t rows,
                 std::size_t columns, const void* numbers, int flags = 0) {
  std::size_t extents[] = {rows, columns};
  return Mat_VarCreate(name, kind, type, 2, extents, const_cast<void*>(numbers), flags);
}

matvar_t* doubles(const char* name, std::size_t rows, std::size_t columns,
                  const std::vector<double>& numbers) {
  return matrix(name, MAT_C_DOUBLE, MAT_T_DOUBLE, rows, columns, numbers.data());
}

/// A file made through the library itself, gone after the test.
class MatlabFile {
 public:
  explicit MatlabFile(const std::string& name, mat_ft version = MAT_FT_MAT5)
      : path_(testing::TempDir() + "carousel_" + name + ".mat"),
        file_(Mat_CreateVer(path_.c_str(), nullptr, version)) {}
  ~MatlabFile() {
    close();
    std::filesystem::remove(path_);
  }
  MatlabFile(const MatlabFile&) = delete;
  MatlabFile& operator=(const MatlabFile&) = delete;

  void add(matvar_t* variable, matio_compression compression = MAT_COMPRESSION_NONE) {
    EXPECT_EQ(Mat_VarWrite(file_, variable, compression), 0);
    Mat_VarFree(variable);
  }
  /// To be called before reading.
  const std::string& close() {
    if (file_ != nullptr) Mat_Close(file_);
    file_ = nullptr;
    return path_;
  }

 private:
  std::string path_;
  mat_t* file_;
};

TEST(Matlab, MatricesOfEveryType) {
  for (const mat_ft version : {MAT_FT_MAT5, MAT_FT_MAT73}) {
    MatlabFile file("types", version);
    // [1 2 3; 4 5 6], column after column.
    file.add(doubles("x", 2, 3, {1, 4, 2, 5, 3, 6}), MAT_COMPRESSION_ZLIB);
    const float singles[] = {0.5f, -1};
    file.add(matrix("f", MAT_C_SINGLE, MAT_T_SINGLE, 1, 2, singles));
    const std::int8_t bytes[] = {-1, 127};
    file.add(matrix("i1", MAT_C_INT8, MAT_T_INT8, 2, 1, bytes));
    const std::uint16_t words[] = {65535};
    file.add(matrix("u2", MAT_C_UINT16, MAT_T_UINT16, 1, 1, words));
    const std::int64_t longs[] = {-3};
    file.add(matrix("i8", MAT_C_INT64, MAT_T_INT64, 1, 1, longs));
    const std::uint8_t flags[] = {1, 0};
    file.add(matrix("flags", MAT_C_UINT8, MAT_T_UINT8, 1, 2, flags, MAT_F_LOGICAL));
    const std::string& path = file.close();
    EXPECT_THAT(matlab_variables(path), testing::UnorderedElementsAre("x", "f", "i1", "u2", "i8", "flags"));
    EXPECT_THAT(read_matlab(path, "x"), ElementsAre(Array{Shape{2, 3}, {1, 2, 3, 4, 5, 6}}));
    EXPECT_THAT(read_matlab(path, "f"), ElementsAre(Array{Shape{1, 2}, {0.5f, -1}}));
    EXPECT_THAT(read_matlab(path, "i1"), ElementsAre(Array{Shape{2, 1}, {-1, 127}}));
    EXPECT_THAT(read_matlab(path, "u2"), ElementsAre(Array{Shape{1, 1}, {65535}}));
    EXPECT_THAT(read_matlab(path, "i8"), ElementsAre(Array{Shape{1, 1}, {-3}}));
    EXPECT_THAT(read_matlab(path, "flags"), ElementsAre(Array{Shape{1, 2}, {1, 0}}));
  }
}

TEST(Matlab, CellsAreArrays) {
  for (const matio_compression compression : {MAT_COMPRESSION_NONE, MAT_COMPRESSION_ZLIB}) {
    MatlabFile file("cells");
    std::size_t extents[] = {1, 3};
    std::vector<matvar_t*> cells = {doubles(nullptr, 2, 2, {1, 3, 2, 4}), doubles(nullptr, 0, 0, {}),
                                    doubles(nullptr, 1, 1, {7})};
    file.add(Mat_VarCreate("pieces", MAT_C_CELL, MAT_T_CELL, 2, extents, cells.data(), 0), compression);
    EXPECT_THAT(
        read_matlab(file.close(), "pieces"),
        ElementsAre(Array{Shape{2, 2}, {1, 2, 3, 4}}, Array{Shape{0, 0}, {}}, Array{Shape{1, 1}, {7}}));
  }
}

TEST(Matlab, WhatIsNoMatrixIsRefused) {
  MatlabFile file("others");
  file.add(doubles("inputs", 1, 1, {1}));
  file.add(matrix("text", MAT_C_CHAR, MAT_T_UINT8, 1, 3, "abc"));
  const double real[] = {1}, imaginary[] = {2};
  mat_complex_split_t both = {const_cast<double*>(real), const_cast<double*>(imaginary)};
  file.add(matrix("complex", MAT_C_DOUBLE, MAT_T_DOUBLE, 1, 1, &both, MAT_F_COMPLEX));
  std::size_t one[] = {1, 1};
  matvar_t* inner[] = {matrix(nullptr, MAT_C_CHAR, MAT_T_UINT8, 1, 1, "a")};
  file.add(Mat_VarCreate("cells", MAT_C_CELL, MAT_T_CELL, 2, one, inner, 0));
  file.add(doubles("large", 1, 2, {1, 1e300}));
  const std::string& path = file.close();
  EXPECT_THAT([&] { read_matlab(path, "text"); }, refused("variable 'text': found no numbers"));
  EXPECT_THAT([&] { read_matlab(path, "complex"); }, refused("found complex numbers"));
  EXPECT_THAT([&] { read_matlab(path, "cells"); }, refused("variable 'cells', cell 1: found no numbers"));
  EXPECT_THAT([&] { read_matlab(path, "large"); }, refused("variable 'large', number 2: found 1e+300"));
  EXPECT_THAT(
      [&] { read_matlab(path, "input"); },
      testing::ThrowsMessage<SettingError>(HasSubstr("has no variable 'input'; did you mean 'inputs'")));
}

matvar_t* cells(const char* name, std::vector<matvar_t*> inner) {
  std::size_t extents[] = {1, inner.size()};
  return Mat_VarCreate(name, MAT_C_CELL, MAT_T_CELL, 2, extents, inner.data(), 0);
}

/// As the chorales of Boulanger-Lewandowski, Bengio & Vincent (2012) are stored.
TEST(Matlab, PianoRollsAreMusicInParts) {
  MatlabFile file("music"), odd("odd"), empty("empty");
  std::vector<double> roll(2 * 88);  // the first index varies fastest
  roll[2 * 39] = roll[2 * 39 + 1] = roll[2 * 43 + 1] = 1;
  const auto piece = [&] { return doubles(nullptr, 2, 88, roll); };
  file.add(cells("testdata", {piece()}));
  file.add(cells("traindata", {piece(), piece()}));
  const Music music = read_music(file.close(), {});
  EXPECT_EQ(music.parts, (Split{{0, 2}, {2, 2}, {2, 3}}));
  EXPECT_THAT(music.pieces[2].steps, ElementsAre(ElementsAre(60), ElementsAre(60, 64)));

  odd.add(doubles("a", 1, 1, {1}));
  odd.add(doubles("b", 1, 1, {1}));
  EXPECT_THAT([&] { read_music(odd.close(), {}); },
              refused("found the variables a, b, expected piano rolls in"));
  empty.add(cells("traindata", {piece(), doubles(nullptr, 0, 88, {})}));
  EXPECT_THAT([&] { read_music(empty.close(), {}); },
              refused("traindata, piece 2: found a piece without notes"));
}

TEST(Matlab, CutOffAnywhereIsRefused) {
  MatlabFile file("whole");
  file.add(doubles("x", 2, 3, {1, 4, 2, 5, 3, 6}));
  const std::string whole = read_file(file.close(), 1 << 20), path = testing::TempDir() + "carousel_cut.mat";
  testing::internal::CaptureStderr();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    std::ofstream(path, std::ios::binary) << whole.substr(0, length);
    EXPECT_THAT([&] { read_matlab(path, "x"); }, testing::ThrowsMessage<Error>(HasSubstr(path))) << length;
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  std::filesystem::remove(path);
  EXPECT_THROW(read_matlab(path, "x"), FileError);
}

TEST(Matlab, Version4IsRefused) {
  MatlabFile file("four", MAT_FT_MAT4);
  file.add(doubles("x", 1, 1, {1}));
  EXPECT_THAT([&] { read_matlab(file.close(), "x"); }, refused("expected a MAT file of version 5 or later"));
}

TEST(Matlab, AbsurdShapesAreRefused) {
  MatlabFile file("absurd");
  file.add(doubles("x", 2, 3, {1, 4, 2, 5, 3, 6}));
  std::string bytes = read_file(file.close(), 1 << 20);
  // The two extents, 32 bits each: the header, the tags and flags of the matrix, and the tag before them.
  const std::size_t extents = 128 + 8 + 16 + 8;
  ASSERT_EQ(bytes.substr(extents, 8), std::string("\x02\0\0\0\x03\0\0\0", 8));
  const std::string path = testing::TempDir() + "carousel_absurd.mat";
  for (const char* const extent : {"\xff\xff\xff\x7f", "\xff\xff\xff\xff", "\x00\x00\x00\x40"}) {
    bytes.replace(extents, 8, std::string(extent, 4) + std::string(extent, 4));
    std::ofstream(path, std::ios::binary) << bytes;
    EXPECT_THAT([&] { read_matlab(path, "x"); }, testing::ThrowsMessage<Error>(HasSubstr(path)));
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace carousel
