// Ctrl-C (SIGINT), SIGTERM and SIGHUP during long work: the first asks it to stop at its next good moment,
// the second ends the program at once.
#pragma once

namespace carousel::cli {

/// Catches them while it lives, those excepted that were ignored before (nohup). One at a time.
class InterruptGuard {
 public:
  /// stopping_after: what the first one is told to wait for, "this batch".
  explicit InterruptGuard(const char* stopping_after);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// The signal that came, or 0.
  static int signal() noexcept;
};

}  // namespace carousel::cli
