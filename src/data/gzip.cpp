#include "data/gzip.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace carousel {

struct GzipReader::Implementation {
  z_stream stream{};
  std::string_view left;
  std::size_t size = 0;
  std::string source;
  bool at_end = false;

  [[noreturn]] void fail(std::string_view what) const {
    throw DataError(fmt::format("{}: byte {} of the compressed file: {}", source, size - left.size(), what));
  }
};

bool is_gzip(std::string_view bytes) noexcept { return bytes.starts_with("\x1f\x8b"); }

GzipReader::GzipReader(std::string_view bytes, const std::string& source)
    : implementation_(std::make_unique<Implementation>()) {
  implementation_->left = bytes;
  implementation_->size = bytes.size();
  implementation_->source = source;
  // 16 more than the largest window: a gzip header and checksum are expected around the data.
  if (inflateInit2(&implementation_->stream, 15 + 16) != Z_OK) throw std::bad_alloc();
}

GzipReader::~GzipReader() { inflateEnd(&implementation_->stream); }

std::size_t GzipReader::read(std::span<char> out) {
  Implementation& reader = *implementation_;
  z_stream& stream = reader.stream;
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  std::size_t done = 0;
  while (done < out.size() && !reader.at_end) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(reader.left.data()));
    stream.avail_in = static_cast<uInt>(std::min(reader.left.size(), kMost));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + done);
    stream.avail_out = static_cast<uInt>(std::min(out.size() - done, kMost));
    const uInt in_before = stream.avail_in, out_before = stream.avail_out;
    const int result = inflate(&stream, Z_NO_FLUSH);
    reader.left.remove_prefix(in_before - stream.avail_in);
    done += out_before - stream.avail_out;
    if (result == Z_STREAM_END) {
      // A file may have several members, one after the other; what else follows is refused as no gzip.
      reader.at_end = reader.left.empty();
      if (inflateReset(&stream) != Z_OK) reader.fail("cannot be uncompressed");
    } else if (result == Z_BUF_ERROR || (result == Z_OK && reader.left.empty() && stream.avail_out > 0)) {
      reader.fail("the compressed data ends too early; the file may be cut off");
    } else if (result == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (result != Z_OK) {
      reader.fail(fmt::format("expected gzip, found what cannot be uncompressed ({})",
                              stream.msg != nullptr ? stream.msg : "a dictionary is asked for"));
    }
  }
  return done;
}

}  // namespace carousel
