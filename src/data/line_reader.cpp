#include "data/line_reader.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace carousel {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

LineReader::LineReader(ByteSource source, std::string name, InvalidText policy)
    : source_(std::move(source)),
      name_(std::move(name)),
      policy_(policy),
      buffer_(std::min(source_.size_hint(), kBufferBytes)) {}

bool LineReader::fill() {
  begin_ = 0;
  end_ = source_.read(buffer_.data(), buffer_.size());
  return end_ > 0;
}

std::optional<std::string> LineReader::next() {
  if (begin_ == end_ && !fill()) return std::nullopt;
  ++line_;
  std::string line;
  do {
    const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
               to = buffer_.begin() + static_cast<std::ptrdiff_t>(end_), found = std::find(from, to, '\n');
    line.append(from, found);
    if (line.size() > kMaxLineBytes)
      throw DataError(fmt::format("{}, line {}: found more than {} bytes, expected a line of text", name_,
                                  line_, kMaxLineBytes));
    begin_ = static_cast<std::size_t>(found - buffer_.begin());
    if (found != to) {
      ++begin_;
      break;
    }
  } while (fill());
  return checked(std::move(line));
}

std::string LineReader::checked(std::string line) const {
  if (line.ends_with('\r')) line.pop_back();
  if (line_ == 1 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
  if (const std::size_t zero = line.find('\0'); zero != std::string::npos)
    throw DataError(fmt::format("{}, line {}, byte {} of it: found a zero byte, expected UTF-8 text", name_,
                                line_, zero + 1));
  return valid_text(std::move(line), name_, policy_, line_);
}

}  // namespace carousel
