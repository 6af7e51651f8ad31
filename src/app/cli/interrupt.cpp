#include "app/cli/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <string_view>

namespace carousel::cli {

namespace {

std::atomic<int> received{0};
std::atomic<const char*> awaited{""};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<const char*>::is_always_lock_free);

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

extern "C" void on_interrupt(int number) {
  const int saved = errno;
  int none = 0;
  if (!received.compare_exchange_strong(none, number)) _exit(128 + number);
  for (const std::string_view text : {"\nstopping after ", awaited.load(), "; once more stops at once\n"}) {
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
  }
  errno = saved;
}

void set_action(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;  // a file that is being read or written goes on
  sigaction(number, &action, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard(const char* stopping_after) {
  awaited = stopping_after;
  received = 0;
  for (const int number : kSignals) {
    struct sigaction before {};
    sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN) set_action(number, on_interrupt);
  }
}

InterruptGuard::~InterruptGuard() {
  for (const int number : kSignals) {
    struct sigaction now {};
    sigaction(number, nullptr, &now);
    if (now.sa_handler == on_interrupt) set_action(number, SIG_DFL);
  }
}

int InterruptGuard::signal() noexcept { return received; }

}  // namespace carousel::cli
