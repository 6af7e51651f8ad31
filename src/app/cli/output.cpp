#include "app/cli/output.h"

#include <carousel/error.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>

namespace carousel::cli {

namespace {

/// 0, or the errno of what failed.
int write_all(int descriptor, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

void write_result(std::string_view text) {
  const int error = write_all(STDOUT_FILENO, text);
  if (error == EPIPE) throw ClosedPipe();
  if (error != 0)
    throw FileError(
        fmt::format("standard output: {}; the result is not written whole", std::strerror(error)));
}

std::string json_line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

void write_message(std::string_view text) noexcept { (void)write_all(STDERR_FILENO, text); }

void prepare_streams() {
  // open() gives the lowest free number. Read-only, so that writing to a closed standard output fails.
  int lowest = 0;
  while ((lowest = open("/dev/null", O_RDONLY)) >= 0 && lowest <= STDERR_FILENO) {
  }
  if (lowest > STDERR_FILENO) close(lowest);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace carousel::cli
