// Where threads that compute one step together wait for each other.
#pragma once

#include <sched.h>

#include <atomic>
#include <cstddef>

namespace carousel {

/// Spins for a few microseconds, which is how long a step's other half usually still takes, then gives the
/// processor to whoever needs it: on a machine with other work the one waited for may not be running.
class StepBarrier {
 public:
  explicit StepBarrier(std::size_t threads) noexcept : threads_(threads) {}

  /// Returns when so many threads have called it. What they wrote before is then seen by all.
  void wait() noexcept {
    const std::size_t round = round_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
      arrived_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
      return;
    }
    for (std::size_t turn = 0; round_.load(std::memory_order_acquire) == round; ++turn)
      if (turn >= kSpins) sched_yield();
  }

 private:
  static constexpr std::size_t kSpins = 4000;

  std::size_t threads_;
  alignas(64) std::atomic<std::size_t> arrived_{0};
  alignas(64) std::atomic<std::size_t> round_{0};
};

}  // namespace carousel
