#include "data/record_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "carousel/error.h"
#include "data/cells.h"

namespace carousel {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

[[noreturn]] void fail_file(const std::string& path, int error) {
  throw FileError(fmt::format("{}: cannot be read: {}", path, std::generic_category().message(error)));
}

std::size_t read_descriptor(int descriptor, const std::string& path, char* out, std::size_t size) {
  for (;;) {
    const ssize_t count = ::read(descriptor, out, size);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) fail_file(path, errno);
  }
}

/// Looked at, but not yet read. Like its descriptor, there is one for the whole program.
std::string& ahead_in_standard_input() {
  static std::string bytes;
  return bytes;
}

}  // namespace

std::string_view look_ahead_in_standard_input(std::size_t size) {
  std::string& ahead = ahead_in_standard_input();
  while (ahead.size() < size) {
    std::string more(size - ahead.size(), '\0');
    more.resize(read_descriptor(STDIN_FILENO, source_name("-"), more.data(), more.size()));
    if (more.empty()) break;
    ahead += more;
  }
  return std::string_view(ahead).substr(0, size);
}

std::string source_name(const std::string& path) { return path == "-" ? "standard input" : path; }

ByteSource::ByteSource(const std::string& path) : path_(source_name(path)) {
  if (path == "-") {
    descriptor_ = STDIN_FILENO;
    return;
  }
  if (path.find('\0') != std::string::npos) {
    throw FileError("a file whose name has a zero byte in it cannot be read");
  }
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail_file(path, errno);
  owned_ = true;
  struct stat status {};
  if (::fstat(descriptor_, &status) == 0 && S_ISDIR(status.st_mode)) {
    ::close(descriptor_);
    fail_file(path, EISDIR);
  }
}

ByteSource::~ByteSource() {
  if (owned_) ::close(descriptor_);
}

ByteSource::ByteSource(ByteSource&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(other.descriptor_),
      owned_(std::exchange(other.owned_, false)),
      text_(other.text_) {}

std::size_t ByteSource::read(char* out, std::size_t size) {
  if (descriptor_ < 0) {
    const std::size_t count = std::min(size, text_.size());
    std::copy_n(text_.data(), count, out);
    text_.remove_prefix(count);
    return count;
  }
  std::string& ahead = ahead_in_standard_input();
  if (owned_ || ahead.empty()) return read_descriptor(descriptor_, path_, out, size);
  const std::size_t count = ahead.copy(out, size);
  ahead.erase(0, count);
  return count;
}

RecordReader::RecordReader(ByteSource source, std::string name)
    : source_(std::move(source)),
      name_(std::move(name)),
      buffer_(std::min(source_.size_hint(), kBufferBytes) + kSpare) {
  while (end_ < 4 && fill()) {
  }
  if (std::string_view(buffer_.data(), end_).starts_with("\xEF\xBB\xBF")) begin_ = 3;
}

void RecordReader::fail(std::size_t line, const std::string& what) const {
  throw DataError(fmt::format("{} line {}: {}", name_, line, what));
}

/// Makes room, moves what is not consumed to the front and reads once more; false at the end of the source.
bool RecordReader::fill() {
  if (end_of_source_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size() - kSpare) {
    if (end_ >= kMaxRecordBytes) {
      fail(line_, fmt::format("a row longer than {} MiB; is a quote never closed?", kMaxRecordBytes >> 20));
    }
    buffer_.resize(2 * end_ + kSpare);
  }
  const std::size_t count = source_.read(past(), buffer_.size() - kSpare - end_);
  end_of_source_ = count == 0;
  const std::string_view fresh(past(), count);
  if (read_ == 0 && (fresh.starts_with("\xFF\xFE") || fresh.starts_with("\xFE\xFF"))) {
    throw DataError(name_ + " byte 0: found UTF-16 text, expected UTF-8; save the file as UTF-8");
  }
  if (const std::size_t zero = fresh.find('\0'); zero != std::string_view::npos) {
    throw DataError(
        fmt::format("{} byte {}: found a zero byte, expected text (UTF-8){}", name_, read_ + zero,
                    name_ == source_name("-")
                        ? "; files that are neither text nor WAV, FLAC or OGG are read by their names"
                        : ""));
  }
  end_ += count;
  read_ += count;
  *past() = '\n';
  return count > 0;
}

std::string_view RecordReader::look_ahead(std::size_t bytes, std::size_t lines) {
  std::size_t seen = 0, found = 0;
  for (;;) {
    const std::string_view text(buffer_.data() + begin_, end_ - begin_);
    // `seen` stands at the start of a line.
    for (std::size_t stop; found < lines && (stop = text.find('\n', seen)) != std::string_view::npos;) {
      const std::string_view line = text.substr(seen, stop - seen);
      if (!line.starts_with('#') && line.find_first_not_of(" \t\r") != std::string_view::npos) ++found;
      seen = stop + 1;
    }
    const bool enough = (found >= lines && text.size() >= bytes) || text.size() >= kMaxRecordBytes;
    if (enough) return text;
    // fill() may move the text.
    if (!fill()) return {buffer_.data() + begin_, end_ - begin_};
  }
}

void RecordReader::skip_comments() {
  std::size_t searched = 0;
  for (;;) {
    const std::string_view text(buffer_.data() + begin_, end_ - begin_);
    if (!text.empty() && text.front() != '#' && !is_blank(text.front()) && text.front() != '\r' &&
        text.front() != '\n') {
      return;
    }
    const std::size_t stop = std::min(text.find('\n', searched), text.size());
    if (stop == text.size()) {
      searched = text.size();
      if (fill()) continue;
    }
    const bool blank = text.substr(0, stop).find_first_not_of(" \t\r") == std::string_view::npos;
    if (!text.starts_with('#') && !blank) return;
    if (stop == text.size()) {
      begin_ = end_;
      return;
    }
    begin_ += stop + 1;
    ++line_;
    searched = 0;
  }
}

bool RecordReader::next(std::vector<std::string_view>& fields) {
  for (;;) {
    record_line_ = line_;
    const Scan result = scan(fields);
    if (result == Scan::more) {
      if (fill()) continue;
      if (begin_ == end_) return false;
      if (open_quote_line_ > 0) fail(open_quote_line_, "found a quote that is never closed");
      // The last line lacks its line end; one stands there already, and the next is put behind it.
      ++end_;
      *past() = '\n';
      continue;
    }
    line_ += 1 + inner_lines_;
    if (result == Scan::record) return true;
  }
}

/// One record from begin_ on; consumes it, or nothing when it is not complete.
RecordReader::Scan RecordReader::scan(std::vector<std::string_view>& fields) {
  fields.clear();
  escaped_.clear();
  inner_lines_ = open_quote_line_ = 0;
  bool quoted = false;
  for (char* at = buffer_.data() + begin_;;) {
    while (is_blank(*at)) ++at;
    if (at >= past()) return Scan::more;
    if (delimiter_ == ' ' && !fields.empty() && only_spaces_left(at)) {
      at += *at == '\r' ? 1 : 0;
    } else {
      quoted = *at == '"';
      if (fields.size() == kMaxFields) {
        fail(record_line_, fmt::format("found more than {} fields in a row", kMaxFields));
      }
      if (!(quoted ? scan_quoted(at, fields) : scan_plain(at, fields))) return Scan::more;
    }
    if (at >= past()) return Scan::more;
    if (*at++ != '\n') continue;
    begin_ = static_cast<std::size_t>(at - buffer_.data());
    break;
  }
  for (const std::size_t field : escaped_) unescape(fields[field]);
  const bool blank = fields.size() == 1 && fields[0].empty() && !quoted;
  return blank ? Scan::blank : Scan::record;
}

bool RecordReader::only_spaces_left(const char* at) const noexcept {
  return *at == '\n' || (*at == '\r' && at[1] == '\n');
}

/// An unquoted field; leaves `at` on the delimiter or line end behind it. False: not all of it is there.
bool RecordReader::scan_plain(char*& at, std::vector<std::string_view>& fields) {
  char* const begin = at;
  while (*at != delimiter_ && *at != '\n') ++at;
  if (at >= past()) return false;
  char* stop = at;
  if (*at == '\n' && stop > begin && stop[-1] == '\r') --stop;
  while (stop > begin && is_blank(stop[-1])) --stop;
  fields.emplace_back(begin, static_cast<std::size_t>(stop - begin));
  return true;
}

/// A quoted field, the same way. Doubled quotes stay as they are until the record is complete.
bool RecordReader::scan_quoted(char*& at, std::vector<std::string_view>& fields) {
  const std::size_t opened = record_line_ + inner_lines_;
  char* begin = ++at;
  bool escaped = false;
  for (;; ++at) {
    while (at < past() && *at != '"') inner_lines_ += *at++ == '\n' ? 1 : 0;
    if (at == past()) {
      open_quote_line_ = opened;
      return false;
    }
    if (at[1] != '"' || at + 1 >= past()) break;
    ++at;
    escaped = true;
  }
  char* stop = at++;
  while (begin < stop && is_blank(*begin)) ++begin;
  while (begin < stop && is_blank(stop[-1])) --stop;
  while (*at != delimiter_ && is_blank(*at)) ++at;
  if (*at == '\r' && at[1] == '\n') ++at;
  if (at >= past()) return false;
  if (*at != delimiter_ && *at != '\n') {
    // A lone CR at the end of what has been read may be half of a CRLF.
    if (*at == '\r' && at + 1 == past()) return false;
    const std::size_t length = std::min<std::size_t>(20, static_cast<std::size_t>(past() - at));
    const std::string_view rest(at, length);
    fail(record_line_ + inner_lines_,
         fmt::format("found '{}' after a closing quote, expected the delimiter or the end of the line",
                     shown(rest.substr(0, rest.find('\n')))));
  }
  if (escaped) escaped_.push_back(fields.size());
  fields.emplace_back(begin, static_cast<std::size_t>(stop - begin));
  return true;
}

void RecordReader::unescape(std::string_view& field) noexcept {
  char* const begin = buffer_.data() + (field.data() - buffer_.data());
  char* out = begin;
  for (std::size_t i = 0; i < field.size(); ++i) {
    *out++ = field[i];
    if (field[i] == '"') ++i;
  }
  field = {begin, static_cast<std::size_t>(out - begin)};
}

}  // namespace carousel
