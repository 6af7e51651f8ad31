#include "data/idx.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "carousel/error.h"
#include "data/gzip.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string idx(char type, const std::vector<unsigned>& extents, const std::string& data) {
  std::string bytes = {'\0', '\0', type, static_cast<char>(extents.size())};
  for (const unsigned extent : extents)
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(extent >> shift & 255);
  return bytes + data;
}

/// As gzip itself would, through zlib's other half.
std::string gzip(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string error_of(const std::string& bytes) {
  try {
    parse_idx(bytes, "a.idx");
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

TEST(Idx, ReadsEveryType) {
  EXPECT_THAT(parse_idx(idx(0x08, {2, 2}, {0, 1, '\x7f', '\xff'}), "a").values, ElementsAre(0, 1, 127, 255));
  EXPECT_EQ(parse_idx(idx(0x08, {2, 1, 2}, "abcd"), "a").shape, (Shape{2, 1, 2}));
  EXPECT_THAT(parse_idx(idx(0x09, {2}, "\x7f\xff"), "a").values, ElementsAre(127, -1));
  EXPECT_THAT(parse_idx(idx(0x0B, {2}, "\x01\x02\xff\xfe"), "a").values, ElementsAre(258, -2));
  EXPECT_THAT(parse_idx(idx(0x0C, {1}, "\xff\xff\xff\xfd"), "a").values, ElementsAre(-3));
  EXPECT_THAT(parse_idx(idx(0x0D, {1}, {'\xbf', '\xc0', 0, 0}), "a").values, ElementsAre(-1.5f));
  EXPECT_THAT(parse_idx(idx(0x0E, {1}, {'\xc0', 8, 0, 0, 0, 0, 0, 0}), "a").values, ElementsAre(-3));
  EXPECT_TRUE(parse_idx(idx(0x08, {0, 28, 28}, ""), "a").values.empty());
}

TEST(Idx, CompressedAsItIs) {
  std::string data;
  for (std::size_t i = 0; i < 300000; ++i) data += static_cast<char>(i * i / 7);
  const std::string plain = idx(0x08, {300, 1000}, data);
  const Array expected = parse_idx(plain, "a");
  ASSERT_EQ(expected.values.size(), data.size());
  for (const std::size_t i : {0u, 65535u, 65536u, 299999u})
    EXPECT_EQ(expected.values[i], static_cast<unsigned char>(data[i]));
  EXPECT_EQ(parse_idx(gzip(plain), "a"), expected);
  EXPECT_EQ(parse_idx(gzip(plain.substr(0, 1000)) + gzip(plain.substr(1000)), "a"), expected)
      << "two members";

  const std::filesystem::path path = testing::TempDir() + "carousel_a.idx.gz";
  std::ofstream(path, std::ios::binary) << gzip(plain);
  EXPECT_EQ(read_idx(path), expected);
  std::filesystem::remove(path);
  EXPECT_THROW(read_idx(path), FileError);
}

TEST(Idx, CutOffAnywhereIsRefused) {
  const std::string plain = idx(0x0B, {2, 3}, "abcdefghijkl"), compressed = gzip(plain);
  for (std::size_t length = 0; length < plain.size(); ++length)
    EXPECT_THAT(error_of(plain.substr(0, length)), HasSubstr("a.idx: byte ")) << length;
  for (std::size_t length = 0; length < compressed.size(); ++length)
    EXPECT_THAT(error_of(compressed.substr(0, length)), HasSubstr("a.idx: byte ")) << length;
  EXPECT_THAT(error_of(plain + "x"), HasSubstr("byte 24: found more bytes, expected the end"));
  EXPECT_THAT(error_of(gzip(plain + "x")), HasSubstr("byte 24: found more bytes, expected the end"));
  EXPECT_THAT(error_of(compressed + "x"), HasSubstr("of the compressed file: "));
}

TEST(Idx, HostileHeaders) {
  EXPECT_THAT(error_of("\x89PNG...."), HasSubstr("byte 0: expected an IDX file"));
  EXPECT_THAT(error_of(idx(0x07, {1}, "a")), HasSubstr("byte 2: found numbers of type 0x07"));
  EXPECT_THAT(error_of(idx(0x08, {1, 1, 1, 1, 1, 1, 1}, "a")), HasSubstr("found 7 axes"));
  const unsigned most = 0xffffffffu;
  EXPECT_THAT(error_of(idx(0x0E, {most, most}, "a")), HasSubstr("more numbers than a file can hold"));
  EXPECT_THAT(error_of(idx(0x08, {most, 100}, "a")), HasSubstr("which 1 bytes cannot hold"));
}

TEST(Idx, NoMoreIsUncompressedThanWasPromised) {
  // A megabyte of zeros in a thousand bytes; the header speaks of four numbers.
  const std::string bomb = gzip(idx(0x08, {4}, std::string(1 << 20, '\0')));
  EXPECT_THAT(error_of(bomb), HasSubstr("found more bytes"));
  // More than gzip can make of so few bytes.
  EXPECT_THAT(error_of(gzip(idx(0x08, {1 << 30}, "abcd"))), HasSubstr("bytes of gzip cannot hold"));
}

TEST(Idx, AWrongChecksumIsFound) {
  std::string bytes = gzip(idx(0x08, {6}, "abcdef"));
  bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 1);
  EXPECT_THAT(error_of(bytes), HasSubstr("incorrect data check"));
  bytes = gzip(idx(0x08, {0}, ""));
  bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 1);
  EXPECT_THAT(error_of(bytes), HasSubstr("incorrect data check")) << "without numbers, too";
}

}  // namespace
}  // namespace carousel
