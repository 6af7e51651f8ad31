#include "data/matlab_container.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "carousel/error.h"

namespace carousel {
namespace {

constexpr std::size_t kHeaderBytes = 128, kTagBytes = 8;

std::uint64_t number(std::string_view bytes, bool little_endian) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[little_endian ? bytes.size() - 1 - i : i]);
  return value;
}

}  // namespace

// After a header, whose last two bytes tell the order of bytes, stand variables: a type and a length, 4 bytes
// each, and as many bytes ("MAT-File Format", MathWorks, level 5).
void check_matlab_container(SeekableBytes& bytes, const std::string& source) {
  const std::uint64_t size = bytes.size();
  const std::string header = bytes.text(0, kHeaderBytes);
  bytes.check();
  if (header.empty())
    throw DataError(fmt::format("{}: found {} bytes, expected a MAT file's header of {}; it may be cut off",
                                source, size, kHeaderBytes));
  const bool little_endian = header[kHeaderBytes - 2] == 'I';
  for (std::uint64_t at = kHeaderBytes; at < size;) {
    const std::string tag = bytes.text(at, kTagBytes);
    bytes.check();
    if (tag.empty())
      throw DataError(fmt::format(
          "{}: byte {}: found the beginning of a variable, but the file ends at byte {}; it may be cut off",
          source, at, size));
    const std::uint64_t length = number(std::string_view(tag).substr(4), little_endian);
    if (length > size - at - kTagBytes)
      throw DataError(
          fmt::format("{}: byte {}: found a variable of {} bytes, but the file ends at byte {}; it may be "
                      "cut off",
                      source, at, length, size));
    at += kTagBytes + length;
  }
}

}  // namespace carousel
