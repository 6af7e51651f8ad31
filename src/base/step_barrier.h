// Where threads that compute one step together wait for each other.
#pragma once

#include <sched.h>

#include <atomic>
#include <chrono>
#include <cstddef>

#include "base/relax.h"

namespace carousel {

/// Spins for a few microseconds, which is how long a step's other half usually still takes, then gives the
/// processor to whoever needs it: on a machine with other work the one waited for may not be running. Such a
/// machine turns many threads into one that waits, so after a long wait the threads are told to part.
class StepBarrier {
 public:
  explicit StepBarrier(std::size_t threads) noexcept : threads_(threads) {}

  /// Returns when so many threads have called it. What they wrote before is then seen by all. False, for all
  /// of them, if one had to wait longer than a step can take: they should not wait for each other again. At
  /// first the others may still be waking up.
  [[nodiscard]] bool wait() noexcept {
    const std::size_t round = round_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
      arrived_.store(0, std::memory_order_relaxed);
      together_ = !late_.load(std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
    } else {
      wait_for_others(round);
    }
    return together_;
  }
  /// What the last wait() said.
  bool together() const noexcept { return together_; }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kSpins = 1000;
  static constexpr std::chrono::milliseconds kLate{2}, kLateAtFirst{20};

  void wait_for_others(std::size_t round) noexcept {
    const auto there = [&] { return round_.load(std::memory_order_acquire) != round; };
    for (std::size_t turn = 0; turn < kSpins; ++turn, relax())
      if (there()) return;
    for (const Clock::time_point since = Clock::now(); !there(); sched_yield())
      if (Clock::now() - since > (round < 2 ? kLateAtFirst : kLate))
        late_.store(true, std::memory_order_relaxed);
  }

  std::size_t threads_;
  bool together_ = true;  // written by the last to arrive, before the round that others read it after
  std::atomic<bool> late_{false};
  alignas(64) std::atomic<std::size_t> arrived_{0};
  alignas(64) std::atomic<std::size_t> round_{0};
};

}  // namespace carousel
