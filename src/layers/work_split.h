// How the outputs of a computation are shared out to threads. Splits change the time it takes, never its
// result.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/thread_pool.h"

namespace carousel {

/// Multiply-adds below which a second thread costs more than it brings.
inline constexpr std::size_t kWorthAThread = 1 << 18;

/// Into how many ranges split_work cuts n outputs that take so many multiply-adds altogether: one a thread,
/// fewer where the work is small. Cut for threads that are not there, a product would only read more.
inline std::size_t work_parts(const ThreadPool& pool, std::size_t n, std::size_t multiply_adds) {
  return std::min({pool.threads_now(), n, multiply_adds / kWorthAThread + 1});
}

/// Calls task(begin, end) for so many contiguous ranges that make up [0, n).
template <class Task>
void split_into(ThreadPool& pool, std::size_t n, std::size_t parts, Task&& task) {
  if (parts <= 1) {
    if (n > 0) task(std::size_t{0}, n);
    return;
  }
  pool.run(parts, [&](std::size_t part) { task(n * part / parts, n * (part + 1) / parts); });
}

/// The same for as many ranges as the work is worth. That number may be another a moment later: who needs it
/// twice asks work_parts() once.
template <class Task>
void split_work(ThreadPool& pool, std::size_t n, std::size_t multiply_adds, Task&& task) {
  split_into(pool, n, work_parts(pool, n, multiply_adds), task);
}

}  // namespace carousel
