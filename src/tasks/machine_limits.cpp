#include "tasks/machine_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <numeric>

#include "base/thread_pool.h"
#include "kernels/limits.h"

namespace carousel {

namespace {

constexpr std::size_t kGoes = 3;
constexpr std::size_t kTurns = 200'000;       // of the loop of multiply-adds: about a millisecond
constexpr std::size_t kReadBytes = 32 << 20;  // at least so many a thread

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

std::vector<MemoryLevel> memory_levels(std::span<const Cache> caches, std::size_t threads) {
  std::vector<MemoryLevel> levels;
  std::size_t before = 0;
  for (const Cache& cache : caches) {
    const std::size_t share = cache.bytes / std::min(threads, cache.shared_by);
    if (share <= before) continue;  // what it holds, the level before holds
    const std::size_t middle = (before + share) / 2;
    levels.push_back(
        {fmt::format("L{}", cache.level), share, before == 0 ? middle : std::min(middle, 4 * before)});
    before = share;
  }
  levels.push_back({"memory", std::numeric_limits<std::size_t>::max(), std::max(2 * before, kReadBytes)});
  return levels;
}

double MachineLimits::bytes_per_second(std::size_t held_bytes) const {
  return std::ranges::find_if(levels,
                              [&](const MemoryLevel& level) { return held_bytes <= level.capacity_bytes; })
      ->bytes_per_second;
}

LimitMeter::LimitMeter(std::size_t threads, std::span<const Cache> caches)
    : limits_{0, memory_levels(caches, threads)}, buffers_(threads) {
  const std::size_t size = limits_.levels.back().read_bytes / sizeof(float);
  for (AlignedVector<float>& buffer : buffers_) buffer.reserve(size);
  // Written, or all pages would be the one page of zeros; by the threads that read them, for a page lies near
  // who writes it first.
  ThreadPool pool(threads);
  pool.run(threads, [&](std::size_t part) { buffers_[part].assign(size, 1.0f); });
}

template <class Work>
double LimitMeter::best_rate(Work&& work) {
  std::vector<double> done(buffers_.size());
  double best = 0;
  for (std::size_t go = 0; go < kGoes; ++go) {
    ThreadPool pool(done.size());  // a new one, which does not yet know how busy the machine is
    const auto begin = std::chrono::steady_clock::now();
    pool.run(done.size(), [&](std::size_t part) { done[part] = work(part); });
    const double seconds = seconds_since(begin);
    best = std::max(best, std::accumulate(done.begin(), done.end(), 0.0) / seconds);
  }
  return best;
}

void LimitMeter::measure_operations() {
  limits_.operations_per_second =
      best_rate([](std::size_t) { return kernels::multiply_adds_in_registers<float>(kTurns); });
}

void LimitMeter::measure_levels() {
  for (MemoryLevel& level : limits_.levels) {
    const std::size_t times = kReadBytes / level.read_bytes + 1;
    level.bytes_per_second = best_rate([&](std::size_t part) {
      double bytes = 0;
      for (std::size_t i = 0; i < times; ++i)
        bytes += kernels::read_vectors(buffers_[part].data(), level.read_bytes / sizeof(float));
      return bytes;
    });
  }
}

}  // namespace carousel
