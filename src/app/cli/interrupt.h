// Ctrl-C (SIGINT), SIGTERM and SIGHUP while a network is trained: the first asks the run to stop after its
// batch, the second ends the program at once.
#pragma once

namespace carousel::cli {

/// Catches them while it lives, those excepted that were ignored before (nohup). One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// The signal that came, or 0.
  static int signal() noexcept;
};

}  // namespace carousel::cli
