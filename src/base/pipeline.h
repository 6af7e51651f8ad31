// Work in stages, each on what the one before has made, block after block: several threads at a time.
#pragma once

#include <sched.h>

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
    const std::size_t threads = pool.threads();
    late_ = failed_ = false;
    here_ = 0;
    for (Stage& stage : stages_) stage.done = 0, stage.taken = false;
    pool.run(threads, [&](std::size_t thread) { work(thread, threads, blocks, task); });
    if (late_) pool.keep_apart();
  }

 private:
  struct Stage {
    alignas(64) std::atomic<std::size_t> done{0};  // blocks
    std::atomic<bool> taken{false};
  };

  /// A thread keeps to its own stages, whose data are in its cache, and helps out where it would have to wait
  /// long: the system may have taken the processor from another.
  template <class Task>
  void work(std::size_t thread, std::size_t threads, std::size_t blocks, Task& task) {
    ++here_;
    std::size_t idle = 0;
    Clock::time_point since;
    while (!failed_ && stages_.back().done.load(std::memory_order_acquire) < blocks) {
      bool found = false;
      for (std::size_t s = stages_.size(); s-- > 0 && !found;)
        if (s % threads == thread || idle > kPatience || here_ == 1) found = try_block(s, blocks, task);
      if (found) {
        idle = 0;
      } else if (++idle > kLongWait) {
        if (idle == kLongWait + 1) since = Clock::now();
        if (Clock::now() - since > kLate) late_ = true;
        sched_yield();
      } else {
        relax();
      }
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
      try {
        task(s, block);
      } catch (...) {  // reaches the caller through the pool
        failed_ = true;
        throw;
      }
      stages_[s].done.store(block + 1, std::memory_order_release);
    }
    stages_[s].taken.store(false, std::memory_order_release);
    return still;
  }

  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kLate{1};
  static constexpr std::size_t kPatience = 400, kLongWait = 2000;  // looks, of some tens of cycles each

  std::vector<Stage> stages_;
  std::atomic<bool> late_{false}, failed_{false};
  std::atomic<std::size_t> here_{0};  // threads that have come: a pool may have only its caller for this
};

}  // namespace carousel
