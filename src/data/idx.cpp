#include "data/idx.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/file.h"
#include "data/elements.h"
#include "data/gzip.h"

namespace carousel {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 40;
constexpr std::size_t kMagicBytes = 4, kExtentBytes = 4;
/// A multiple of every element's size.
constexpr std::size_t kPieceBytes = std::size_t{1} << 16;

[[noreturn]] void refuse(const std::string& source, std::size_t byte, const std::string& what) {
  throw DataError(fmt::format("{}: byte {}: {}", source, byte, what));
}

/// The bytes of the file one after the other, be it compressed or not.
class Bytes {
 public:
  Bytes(std::string_view bytes, const std::string& source) : plain_(bytes) {
    if (is_gzip(bytes)) gzip_.emplace(bytes, source);
  }
  std::size_t read(std::span<char> out) {
    if (gzip_) return gzip_->read(out);
    const std::size_t count = std::min(out.size(), plain_.size());
    std::copy_n(plain_.data(), count, out.data());
    plain_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view plain_;
  std::optional<GzipReader> gzip_;
};

unsigned byte_of(char c) { return static_cast<unsigned char>(c); }

ElementType element_type(char code, const std::string& source) {
  const auto type = [](ElementKind kind, std::size_t size) {
    return ElementType{kind, size, std::endian::big};
  };
  switch (byte_of(code)) {
    case 0x08:
      return type(ElementKind::unsigned_integer, 1);
    case 0x09:
      return type(ElementKind::signed_integer, 1);
    case 0x0B:
      return type(ElementKind::signed_integer, 2);
    case 0x0C:
      return type(ElementKind::signed_integer, 4);
    case 0x0D:
      return type(ElementKind::floating, 4);
    case 0x0E:
      return type(ElementKind::floating, 8);
    default:
      refuse(source, 2,
             fmt::format("found numbers of type {:#04x}, expected 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e",
                         byte_of(code)));
  }
}

struct Header {
  ElementType type;
  Shape shape;
  std::size_t size_bytes;
};

Header read_header(Bytes& bytes, const std::string& source) {
  std::array<char, kMagicBytes> magic{};
  const std::size_t found = bytes.read(magic);
  if (found == magic.size() && (magic[0] != 0 || magic[1] != 0)) {
    refuse(source, 0, "expected an IDX file, which begins with two zero bytes");
  }
  if (found < magic.size()) refuse(source, found, "the file ends in its header");
  const ElementType type = element_type(magic[2], source);
  std::vector<char> text(kExtentBytes * byte_of(magic[3]));
  if (const std::size_t count = bytes.read(text); count < text.size()) {
    refuse(source, magic.size() + count, "the file ends in its header");
  }
  std::vector<std::uint64_t> extents;
  for (std::size_t i = 0; i < text.size(); i += kExtentBytes) {
    std::uint64_t extent = 0;
    for (std::size_t j = 0; j < kExtentBytes; ++j) extent = extent << 8 | byte_of(text[i + j]);
    extents.push_back(extent);
  }
  return {type, shape_in_file(extents, source), magic.size() + text.size()};
}

/// What the numbers take must be there: compressed, a byte may stand for many, but not for any number.
void check_promise(const Header& header, std::string_view bytes, const std::string& source) {
  const std::size_t promised = header.shape.size() * header.type.size_bytes;
  const bool compressed = is_gzip(bytes);
  const std::size_t available = bytes.size() - (compressed ? 0 : header.size_bytes);
  if (promised / (compressed ? GzipReader::kMaxRatio : 1) > available) {
    refuse(source, kMagicBytes,
           fmt::format("found the shape {} of {} bytes each, which {} bytes{} cannot hold; the file may be "
                       "cut off",
                       header.shape.to_string(), header.type.size_bytes, available,
                       compressed ? " of gzip" : ""));
  }
}

}  // namespace

Array parse_idx(std::string_view bytes, const std::string& source) {
  Bytes reader(bytes, source);
  const Header header = read_header(reader, source);
  check_promise(header, bytes, source);
  Array array = zeros(header.shape, source);
  const std::size_t size = header.type.size_bytes;
  std::vector<char> piece(std::min(kPieceBytes, array.values.size() * size));
  for (std::size_t done = 0; done < array.values.size();) {
    const std::size_t count = std::min(piece.size() / size, array.values.size() - done);
    const std::span<char> part = std::span(piece).first(count * size);
    if (const std::size_t found = reader.read(part); found < part.size()) {
      refuse(source, header.size_bytes + done * size + found,
             fmt::format("the file ends, expected the numbers of shape {}", header.shape.to_string()));
    }
    to_floats({part.data(), part.size()}, header.type, std::span(array.values).subspan(done, count), source,
              done);
    done += count;
  }
  std::array<char, 1> more{};
  if (reader.read(more) > 0) {
    refuse(source, header.size_bytes + array.values.size() * size,
           fmt::format("found more bytes, expected the end after the numbers of shape {}",
                       header.shape.to_string()));
  }
  return array;
}

Array read_idx(const std::filesystem::path& path) {
  return parse_idx(read_file(path, kMaxFileBytes), path.string());
}

}  // namespace carousel
