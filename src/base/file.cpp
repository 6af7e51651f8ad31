#include "base/file.h"

#include <carousel/error.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

namespace carousel {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

std::string reason(int error) {
  switch (error) {
    case ENOENT:
      return "no such file or folder; check the name";
    case EACCES:
    case EPERM:
      return "permission denied; check who owns the file and its folder";
    case ENOSPC:
      return "no space left on the disk; free some and try again";
    case EDQUOT:
      return "disk quota exceeded; free some space and try again";
    case EFBIG:
      return "larger than a file may be here; raise the limit (ulimit -f) or write to another file system";
    case EROFS:
      return "the file system is read-only; choose another folder";
    default:
      return std::generic_category().message(error);
  }
}

[[noreturn]] void fail_on(const std::filesystem::path& path, std::string_view doing, int error) {
  throw FileError(fmt::format("{}: cannot {}: {}", path.string(), doing, reason(error)));
}

int open_file(const std::filesystem::path& path, int flags) {
  int descriptor;
  do descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

// 0, or the errno of what went wrong.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// Some file systems cannot flush (EINVAL); nothing better can be done there.
int flush(int descriptor) { return ::fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno; }

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

// Writing through a link replaces what it points to, not the link.
std::filesystem::path behind_links(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_symlink(path, error)) return path;
  const std::filesystem::path target = std::filesystem::weakly_canonical(path, error);
  return error ? path : target;
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  // Non-blocking, so that opening a pipe nobody writes to does not hang; no effect on regular files.
  const Descriptor file(open_file(path, O_RDONLY | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) fail_on(path, "read", errno);
  if (S_ISDIR(status.st_mode))
    throw FileError(fmt::format("{}: is a folder, expected a file", path.string()));
  if (!S_ISREG(status.st_mode)) throw FileError(fmt::format("{}: is not a regular file", path.string()));

  const auto too_large = [&] {
    return FileError(fmt::format("{}: larger than the {} bytes allowed here", path.string(), max_bytes));
  };
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > max_bytes) throw too_large();
  std::string bytes;
  try {
    // One byte more than the size shows the end without growing. Files under /proc say that they are empty.
    bytes.resize(std::max<std::size_t>(size, 4095) + 1);
    std::size_t length = 0;
    for (;;) {
      const ssize_t count = ::read(file.get(), bytes.data() + length, bytes.size() - length);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail_on(path, "read", errno);
      length += static_cast<std::size_t>(count);
      if (length > max_bytes) throw too_large();
      if (count == 0) break;
      if (length == bytes.size()) bytes.resize(2 * length);
    }
    bytes.resize(length);
  } catch (const std::bad_alloc&) {
    throw FileError(fmt::format("{}: not enough memory for its {} bytes", path.string(), size));
  }
  return bytes;
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

AtomicFile::AtomicFile(const std::filesystem::path& path) : path_(behind_links(path)) {
  struct stat old {};
  const bool exists = ::stat(path_.c_str(), &old) == 0;
  if (!path_.has_filename() || (exists && S_ISDIR(old.st_mode)))
    throw FileError(fmt::format("{}: is a folder, expected a file name", path_.string()));
  if (exists && !S_ISREG(old.st_mode))
    throw FileError(fmt::format("{}: is not a regular file and cannot be replaced", path_.string()));
  temporary_ = folder_of(path_) / fmt::format(".{}.tmp", path_.filename().string());
  ::unlink(temporary_.c_str());  // left by a process that was killed
  descriptor_ = open_file(temporary_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  if (descriptor_ < 0) fail(errno);
  // A file that its owner had closed to others stays so; where the system refuses, the default holds.
  if (exists) static_cast<void>(::fchmod(descriptor_, old.st_mode & 07777) == 0);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  if (const int error = write_all(descriptor_, bytes)) fail(error);
}

void AtomicFile::commit() {
  if (const int error = flush(descriptor_)) fail(error);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(errno);
  ::close(std::exchange(descriptor_, -1));
  // The new name must reach the disk too. The file is in place already, so a failure here is not the write's.
  const Descriptor folder(open_file(folder_of(path_), O_RDONLY | O_DIRECTORY));
  if (folder.get() >= 0) ::fsync(folder.get());
}

void AtomicFile::fail(int error) const { fail_on(path_, "write", error); }

void append_line(const std::filesystem::path& path, std::string_view line) {
  const Descriptor log(open_file(path, O_WRONLY | O_CREAT | O_APPEND));
  struct stat status {};
  if (log.get() < 0 || ::fstat(log.get(), &status) != 0) fail_on(path, "append", errno);
  std::string bytes(line);
  bytes += '\n';
  int error = write_all(log.get(), bytes);
  if (error == 0) error = flush(log.get());
  if (error != 0) {
    static_cast<void>(::ftruncate(log.get(), status.st_size) == 0);
    fail_on(path, "append", error);
  }
}

}  // namespace carousel
