#include "data/seekable_bytes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "carousel/error.h"

namespace carousel {
namespace {

[[noreturn]] void fail_file(const std::string& path, const std::string& why) {
  throw FileError(fmt::format("{}: cannot be read: {}", path, why));
}

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

SeekableBytes::SeekableBytes(const std::string& path) : path_(path) {
  if (path.find('\0') != std::string::npos) {
    throw FileError("a file whose name has a zero byte in it cannot be read");
  }
  // Opening must not wait for the other end of a pipe.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) fail_file(path, reason(errno));
  struct stat status {};
  const bool known = ::fstat(descriptor_, &status) == 0;
  if (!known || !S_ISREG(status.st_mode)) {
    const int error = errno;
    ::close(descriptor_);
    fail_file(path, !known ? reason(error)
                    : S_ISDIR(status.st_mode)
                        ? reason(EISDIR)
                        : "not a regular file; this kind is read at any place, not as a stream");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

SeekableBytes::~SeekableBytes() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::size_t SeekableBytes::read(std::uint64_t at, char* out, std::size_t count) noexcept {
  if (at >= size_) return 0;
  count = static_cast<std::size_t>(std::min<std::uint64_t>(count, size_ - at));
  if (descriptor_ < 0) {
    std::copy_n(bytes_.data() + at, count, out);
    return count;
  }
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = ::pread(descriptor_, out + done, count - done, static_cast<off_t>(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error_ = errno;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

std::string SeekableBytes::text(std::uint64_t at, std::size_t count) {
  if (at > size_ || count > size_ - at) return {};
  std::string bytes(count, '\0');
  if (read(at, bytes.data(), count) < count) bytes.clear();
  return bytes;
}

void SeekableBytes::check() const {
  if (error_ != 0) fail_file(path_, reason(error_));
}

}  // namespace carousel
