#include "data/npy.h"

#include <fmt/format.h>
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

/// A file with this header and these numbers.
std::string npy(const std::string& header, std::string_view data, int version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += {static_cast<char>(version), '\0', static_cast<char>(header.size() & 255),
            static_cast<char>(header.size() >> 8)};
  if (version > 1) bytes += {'\0', '\0'};
  return bytes.append(header).append(data);
}

std::string header(std::string_view descr, std::string_view shape, bool fortran = false) {
  return fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}\n", descr,
                     fortran ? "True" : "False", shape);
}

std::string error_of(const std::string& bytes) {
  try {
    parse_npy(bytes, "a.npy");
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

const std::string kFloats(
    "\x00\x00\x80\x3f\x00\x00\x00\x40\x00\x00\x40\x40\x00\x00\x80\x40\x00\x00\xa0\x40\x00\x00\xc0\x40",
    24);  // 1 ... 6

TEST(Npy, ReadsEveryVersionAndOrder) {
  for (int version = 1; version <= 3; ++version) {
    const Array array = parse_npy(npy(header("<f4", "(2, 3)"), kFloats, version), "a.npy");
    EXPECT_EQ(array.shape, (Shape{2, 3}));
    EXPECT_THAT(array.values, ElementsAre(1, 2, 3, 4, 5, 6));
  }
  // Element (i, j) lies at i + 2 j.
  EXPECT_THAT(parse_npy(npy(header("<f4", "(2, 3)", true), kFloats), "a.npy").values,
              ElementsAre(1, 3, 5, 2, 4, 6));
  // Element (i, j, k) at i + 3 j + 3 k.
  EXPECT_THAT(parse_npy(npy(header("<f4", "(3, 1, 2)", true), kFloats), "a.npy").values,
              ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(parse_npy(npy(header("<f4", "(6,)", true), kFloats), "a.npy").values,
              ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Npy, ReadsEveryType) {
  const auto value = [](std::string_view descr, const std::string& data) {
    return parse_npy(npy(header(descr, "()"), data), "a.npy").values.at(0);
  };
  EXPECT_EQ(value("|b1", "\x01"), 1);
  EXPECT_EQ(value("|u1", "\xff"), 255);
  EXPECT_EQ(value("|i1", "\xff"), -1);
  EXPECT_EQ(value("<i2", "\xfe\xff"), -2);
  EXPECT_EQ(value(">u2", "\x01\x02"), 258);
  EXPECT_EQ(value(">i4", "\xff\xff\xff\xfd"), -3);
  EXPECT_EQ(value("<u4", std::string("\x05\x00\x00\x00", 4)), 5);
  EXPECT_EQ(value("<i8", "\xff\xff\xff\xff\xff\xff\xff\xff"), -1);
  EXPECT_EQ(value("<u8", std::string("\x07\0\0\0\0\0\0\0", 8)), 7);
  EXPECT_EQ(value(">f2", std::string("\xc0\x00", 2)), -2);
  EXPECT_EQ(value(">f4", std::string("\x3f\x80\0\0", 4)), 1);
  EXPECT_EQ(value(">f8", std::string("\xc0\x08\0\0\0\0\0\0", 8)), -3);
  EXPECT_TRUE(std::isnan(value("<f4", std::string("\0\0\xc0\x7f", 4))));
}

TEST(Npy, AHeaderMayBeWrittenInOtherWays) {
  EXPECT_EQ(parse_npy(npy("{\"shape\":(2L,3L),\"fortran_order\":False,\"descr\":\"<f4\"}   \n", kFloats), "a")
                .shape,
            (Shape{2, 3}));
  EXPECT_EQ(parse_npy(npy("{ 'descr' : '<f4', 'fortran_order' : False, 'shape' : (0, 3) }", ""), "a").shape,
            (Shape{0, 3}));
}

TEST(Npy, WrittenAndReadAgain) {
  const std::vector<float> values = {0.1f, -0.0f, 3e38f, 1e-45f, INFINITY, -2};
  for (const Shape& shape : {Shape{6}, Shape{2, 3}, Shape{1, 2, 1, 3}}) {
    const std::string bytes = serialize_npy({shape, values});
    EXPECT_EQ(parse_npy(bytes, "a.npy"), (Array{shape, values}));
    EXPECT_EQ((bytes.size() - 24) % 64, 0u) << "numbers begin at a multiple of 64";
  }
  EXPECT_EQ(parse_npy(serialize_npy({Shape{}, {5}}), "a.npy"), (Array{Shape{}, {5}}));
  EXPECT_THAT(serialize_npy({Shape{2}, {1, 2}}),
              HasSubstr("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"));
  EXPECT_THROW(serialize_npy({Shape{2}, {1}}), Error);

  const std::filesystem::path path = testing::TempDir() + "carousel_written.npy";
  write_npy(path, {Shape{2, 3}, values});
  EXPECT_EQ(read_npy(path), (Array{Shape{2, 3}, values}));
  std::filesystem::remove(path);
  EXPECT_THROW(read_npy(path), FileError);
}

TEST(Npy, CutOffAnywhereIsRefused) {
  const std::string whole = npy(header("<f4", "(2, 3)"), kFloats);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THAT(error_of(whole.substr(0, length)), HasSubstr("a.npy: byte ")) << length;
  }
  EXPECT_THAT(error_of(whole + "x"), HasSubstr("found 25 bytes of numbers, expected the 24 of shape [2, 3]"));
}

TEST(Npy, HostileHeaders) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"PK\x03\x04", "byte 0: expected an NPY file"},
      {npy(header("<f4", "(2, 3)"), kFloats, 4), "byte 6: found version 4.0"},
      {"\x93NUMPY\x02" + std::string("\0\xff\xff\xff\xff", 5) + "{}", "a header of 4294967295 bytes"},
      {npy(header("<f4", "(-2, 3)"), kFloats), "found '-2, 3), }\\x0a' in the header, expected an extent"},
      {npy(header("<f4", "(2.5, 3)"), kFloats), "expected ','"},
      {npy(header("<f4", "(99999999999999999999,)"), kFloats), "expected an extent"},
      {npy(header("<f4", "(4294967296, 4294967296)"), kFloats), "more numbers than a file can hold"},
      {npy(header("<f4", "(1000000, 1000000)"), kFloats), "expected the 4000000000000 of shape"},
      {npy(header("<f4", "(2, 3, 1, 1, 1, 1, 1)"), kFloats), "found 7 axes, expected at most 6"},
      {npy(header("<f4", "(" + std::string(3000, '1') + ")"), kFloats), "expected an extent"},
      {npy(header("<f4", "(2, 3"), kFloats), "expected an extent"},
      {npy(header("<f4", "2"), kFloats), "expected '('"},
      {npy(header("<c8", "(3,)"), kFloats), "found numbers of type '<c8'"},
      {npy(header("|O", "(3,)"), kFloats), "found numbers of type '|O'"},
      {npy(header("<f16", "(3,)"), kFloats), "found numbers of type '<f16'"},
      {npy(header("|f4", "(3,)"), kFloats), "found numbers of type '|f4'"},
      {npy(header("<b2", "(3,)"), kFloats), "found numbers of type '<b2'"},
      {npy(header("<f1", "(24,)"), kFloats), "found numbers of type '<f1'"},
      {npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}", kFloats),
       "an array of records"},
      {npy("{'descr': '<f4', 'fortran_order': 0, 'shape': (6,)}", kFloats), "expected True or False"},
      {npy("{'descr': '<f4', 'shape': (6,)}", kFloats), "the header has no 'fortran_order'"},
      {npy("{'descr': '<f4', 'descr': '<f4'}", kFloats), "found the entry 'descr' twice"},
      {npy("{'colour': '<f4'}", kFloats), "found the entry 'colour'"},
      {npy("{'descr': '<f4", kFloats), "a quote that is never closed"},
      {npy("{}x", kFloats), "more after the '}'"},
      {npy("", kFloats), "the header ends, expected '{'"},
  };
  for (const auto& [bytes, expected] : cases) {
    EXPECT_THAT(error_of(bytes), HasSubstr(expected));
    EXPECT_EQ(error_of(bytes).find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace carousel
