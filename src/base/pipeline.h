// Work in stages, each on what the one before has made, block after block: several threads at a time.
#pragma once

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <vector>

#include "base/relax.h"
#include "base/thread_pool.h"

namespace carousel {

/// Calls task(stage, block) for every stage and block: after the same stage on the block before, and after
/// the stage before on the same block. A stage is in one thread at a time. To be kept from run to run:
/// allocates nothing for a number of stages had before.
class Pipeline {
 public:
  template <class Task>
  void run(ThreadPool& pool, std::size_t stages, std::size_t blocks, Task&& task) {
    if (stages_.size() != stages) stages_ = std::vector<Stage>(stages);
    const std::size_t threads = std::min(pool.threads(), stages);
    late_ = failed_ = false;
    here_ = 0;
    longest_ = 0;
    for (Stage& stage : stages_) stage.done = 0, stage.taken = false;
    pool.run(threads, [&](std::size_t thread) { work(thread, threads, blocks, task); });
    if (late_) pool.keep_apart();
  }

 private:
  using Clock = std::chrono::steady_clock;

  struct Stage {
    alignas(64) std::atomic<std::size_t> done{0};  // blocks
    std::atomic<bool> taken{false};
  };

  /// A thread keeps to its own stages, whose data are in its cache, and helps out where it has waited longer
  /// than a block takes: the system may have taken the processor from another.
  template <class Task>
  void work(std::size_t thread, std::size_t threads, std::size_t blocks, Task& task) {
    ++here_;
    std::size_t looks = 0;
    Clock::time_point since = Clock::now();
    while (!failed_ && stages_.back().done.load(std::memory_order_acquire) < blocks) {
      const Clock::duration idle = looks < kSpins ? Clock::duration(0) : Clock::now() - since;
      const Clock::duration longest(longest_.load(std::memory_order_relaxed));
      const bool helps = here_ == 1 || (longest.count() > 0 && idle > longest);
      bool found = false;
      for (std::size_t s = stages_.size(); s-- > 0 && !found;)
        if (s % threads == thread || helps) found = try_block(s, blocks, task);
      if (found) {
        looks = 0;
        since = Clock::now();
        continue;
      }
      // Until a first block is done, nobody knows how long one takes.
      if (longest.count() > 0 && idle > kLate + 2 * longest) late_ = true;
      ++looks < kSpins ? relax() : static_cast<void>(sched_yield());
    }
  }

  template <class Task>
  bool try_block(std::size_t s, std::size_t blocks, Task& task) {
    const auto ready = [&] {
      const std::size_t block = stages_[s].done.load(std::memory_order_acquire);
      return block < blocks && (s == 0 || stages_[s - 1].done.load(std::memory_order_acquire) > block);
    };
    if (!ready() || stages_[s].taken.exchange(true, std::memory_order_acquire)) return false;
    const bool still = ready();
    if (still) {
      const std::size_t block = stages_[s].done.load(std::memory_order_relaxed);
      const Clock::time_point begin = Clock::now();
      try {
        task(s, block);
      } catch (...) {  // reaches the caller through the pool
        failed_ = true;
        throw;
      }
      took(Clock::now() - begin);
      stages_[s].done.store(block + 1, std::memory_order_release);
    }
    stages_[s].taken.store(false, std::memory_order_release);
    return still;
  }

  void took(Clock::duration time) noexcept {
    for (Clock::rep longest = longest_; time.count() > longest;)
      if (longest_.compare_exchange_weak(longest, time.count())) return;
  }

  static constexpr std::chrono::milliseconds kLate{1};
  static constexpr std::size_t kSpins = 1000;  // looks, of some tens of cycles each

  std::vector<Stage> stages_;
  std::atomic<bool> late_{false}, failed_{false};
  std::atomic<std::size_t> here_{0};    // threads that have come: a pool may have only its caller for this
  std::atomic<Clock::rep> longest_{0};  // that a block has taken
};

}  // namespace carousel
