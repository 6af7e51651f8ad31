#include "data/line_reader.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace carousel {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

}  // namespace

LineReader::LineReader(ByteSource source, std::string name)
    : source_(std::move(source)),
      name_(std::move(name)),
      buffer_(std::min(source_.size_hint(), kBufferBytes)) {}

void LineReader::fail(std::string_view what) const {
  throw DataError(fmt::format("{} line {}: {}", name_, line_, what));
}

/// Makes room, moves what is not consumed to the front and reads once more; false at the end of the source.
bool LineReader::fill() {
  if (end_of_source_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    if (end_ >= kMaxLineBytes) {
      ++line_;
      fail(fmt::format("a line longer than {} MiB", kMaxLineBytes >> 20));
    }
    buffer_.resize(2 * end_);
  }
  const std::size_t count = source_.read(buffer_.data() + end_, buffer_.size() - end_);
  end_of_source_ = count == 0;
  const std::string_view fresh(buffer_.data() + end_, count);
  if (read_ == 0 && (fresh.starts_with("\xFF\xFE") || fresh.starts_with("\xFE\xFF"))) {
    throw DataError(name_ + " byte 0: found UTF-16 text, expected UTF-8; save the file as UTF-8");
  }
  if (const std::size_t zero = fresh.find('\0'); zero != std::string_view::npos) {
    throw DataError(fmt::format("{} byte {}: found a zero byte, expected text (UTF-8)", name_, read_ + zero));
  }
  end_ += count;
  read_ += count;
  return count > 0;
}

std::string_view LineReader::take(std::size_t length, std::size_t line_end) {
  std::string_view line(buffer_.data() + begin_, length);
  begin_ += length + line_end;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line_++ == 0 && line.starts_with(kUtf8Mark)) line.remove_prefix(kUtf8Mark.size());
  return line;
}

std::optional<std::string_view> LineReader::next() {
  std::size_t searched = 0;
  for (;;) {
    const std::string_view text(buffer_.data() + begin_, end_ - begin_);
    if (const std::size_t stop = text.find('\n', searched); stop != std::string_view::npos) {
      return take(stop, 1);
    }
    searched = text.size();
    if (fill()) continue;
    if (begin_ == end_) return std::nullopt;
    return take(end_ - begin_, 0);
  }
}

}  // namespace carousel
