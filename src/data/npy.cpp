#include "data/npy.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "base/file.h"
#include "data/npy_header.h"

namespace carousel {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 40;
/// numpy's own limit is 10,000 bytes; of a structured type, which is refused anyway, they may be more.
constexpr std::size_t kMaxHeaderBytes = std::size_t{1} << 16;
constexpr std::size_t kAlignment_bytes = 64;

[[noreturn]] void refuse(const std::string& source, std::size_t byte, const std::string& what) {
  throw DataError(fmt::format("{}: byte {}: {}", source, byte, what));
}

/// Where the header's text lies.
struct Place {
  std::size_t begin, length;
};

Place header_place(std::string_view bytes, const std::string& source) {
  if (!bytes.starts_with(npy::kMagic))
    refuse(source, 0, "expected an NPY file, which begins with \\x93NUMPY");
  const std::size_t version_at = npy::kMagic.size();
  if (bytes.size() < version_at + 4) refuse(source, bytes.size(), "the file ends in its header");
  const auto byte = [&](std::size_t at) { return std::size_t{static_cast<unsigned char>(bytes[at])}; };
  const std::size_t version = byte(version_at);
  if (version < 1 || version > 3 || byte(version_at + 1) != 0) {
    refuse(source, version_at,
           fmt::format("found version {}.{}, expected 1.0, 2.0 or 3.0", version, byte(version_at + 1)));
  }
  const std::size_t length_bytes = version == 1 ? 2 : 4, begin = version_at + 2 + length_bytes;
  if (bytes.size() < begin) refuse(source, bytes.size(), "the file ends in its header");
  std::size_t length = 0;
  for (std::size_t i = length_bytes; i-- > 0;) length = length << 8 | byte(version_at + 2 + i);
  if (length > kMaxHeaderBytes) {
    refuse(source, version_at + 2,
           fmt::format("found a header of {} bytes, expected at most {}", length, kMaxHeaderBytes));
  }
  if (length > bytes.size() - begin) {
    refuse(source, version_at + 2,
           fmt::format("found a header of {} bytes, but {} follow; the file may be cut off", length,
                       bytes.size() - begin));
  }
  return {begin, length};
}

}  // namespace

Array parse_npy(std::string_view bytes, const std::string& source) {
  const Place place = header_place(bytes, source);
  const npy::Header header = npy::parse_header(bytes.substr(place.begin, place.length), source, place.begin);
  const std::string_view data = bytes.substr(place.begin + place.length);
  const Shape shape = shape_in_file(header.extents, source);
  const std::size_t expected = shape.size() * header.type.size_bytes;
  if (data.size() != expected) {
    refuse(source, place.begin + place.length,
           fmt::format("found {} bytes of numbers, expected the {} of shape {} in {} bytes each{}",
                       data.size(), expected, shape.to_string(), header.type.size_bytes,
                       data.size() < expected ? "; the file may be cut off" : ""));
  }
  Array array = zeros(shape, source);
  to_floats(data, header.type, array.values, source);
  if (header.fortran_order) array.values = to_row_major(array.values, shape);
  return array;
}

Array read_npy(const std::filesystem::path& path) {
  return parse_npy(read_file(path, kMaxFileBytes), path.string());
}

std::string serialize_npy(const Array& array) {
  static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");
  if (array.values.size() != array.shape.size()) {
    throw Error(fmt::format("[npy] expected the {} values of {}, got {}", array.shape.size(),
                            array.shape.to_string(), array.values.size()));
  }
  // Python writes a tuple of one with a comma.
  std::string header =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}{}), }}",
                  fmt::join(array.shape.extents(), ", "), array.shape.rank() == 1 ? "," : "");
  const std::size_t before = npy::kMagic.size() + 4;
  const std::size_t unaligned = (before + header.size() + 1) % kAlignment_bytes;
  if (unaligned != 0) header.append(kAlignment_bytes - unaligned, ' ');
  header += '\n';
  std::string bytes(npy::kMagic);
  bytes += {'\x01', '\x00', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  bytes += header;
  const std::size_t begin = bytes.size();
  bytes.resize(begin + array.values.size() * sizeof(float));
  if (!array.values.empty()) {
    std::memcpy(bytes.data() + begin, array.values.data(), array.values.size() * sizeof(float));
  }
  return bytes;
}

void write_npy(const std::filesystem::path& path, const Array& array) {
  write_file(path, serialize_npy(array));
}

}  // namespace carousel
