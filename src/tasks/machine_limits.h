// What this machine can do at most, measured here and now: the yardstick of the benchmark.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "base/machine.h"

namespace carousel {

/// A level of cache, or memory, as one of several threads at work sees it.
struct MemoryLevel {
  std::string name;             ///< "L2", "memory"
  std::size_t capacity_bytes;   ///< one thread's share of it
  std::size_t read_bytes;       ///< what a thread reads again and again to measure it
  double bytes_per_second = 0;  ///< of all threads together
};

/// Of `threads` threads at work: the cache levels, nearest first, and memory. What is read to measure a level
/// lies between the share of the level before and its own, and is no larger than needed: how many pages are
/// in use would show as well, and other programs want the far levels. A level whose share is no larger than
/// the one's before is left out.
std::vector<MemoryLevel> memory_levels(std::span<const Cache> caches, std::size_t threads);

/// What so many threads together can do.
struct MachineLimits {
  double operations_per_second = 0;  ///< fused multiply-adds in registers, each counted as two
  std::vector<MemoryLevel> levels;

  /// From the first level where one thread's share holds so many bytes.
  double bytes_per_second(std::size_t held_bytes) const;
};

/// Measures them on so many threads, some milliseconds each time. Being limits, they are the best of a few
/// goes. Each thread reads 32 MiB of its own, or twice its share of the last cache if that is more.
class LimitMeter {
 public:
  LimitMeter(std::size_t threads, std::span<const Cache> caches);

  void measure_operations();
  void measure_levels();
  /// As measured last.
  const MachineLimits& limits() const noexcept { return limits_; }

 private:
  /// work(part) on every thread returns what it did; the sum of it a second.
  template <class Work>
  double best_rate(Work&& work);

  MachineLimits limits_;
  std::vector<AlignedVector<float>> buffers_;  // one a thread
};

}  // namespace carousel
