// How the outputs of a computation are shared out to threads. Splits change the time it takes, never its
// result.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/thread_pool.h"
#include "tensor/sequences.h"

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

/// The first slot of part `part` of `parts`, which have about as many rows each of the time steps [t_begin,
/// t_end): slots come longest first.
inline std::size_t first_slot(const SequenceLayout& layout, std::size_t t_begin, std::size_t t_end,
                              std::size_t part, std::size_t parts) {
  const std::size_t before = (layout.first_row(t_end) - layout.first_row(t_begin)) * part / parts;
  std::size_t slot = 0;
  for (std::size_t rows = 0; rows < before; ++slot)
    rows += std::min(layout.length(layout.sequence(slot)), t_end) - t_begin;
  return slot;
}

/// Calls task(part, begin, end) for ranges of all slots, of about as many rows each.
template <class Task>
void split_slots_by_part(ThreadPool& pool, const SequenceLayout& layout, std::size_t parts, Task&& task) {
  if (parts <= 1) return task(std::size_t{0}, std::size_t{0}, layout.batch());
  pool.run(parts, [&](std::size_t part) {
    const std::size_t begin = first_slot(layout, 0, layout.time(), part, parts);
    const std::size_t end =
        part + 1 == parts ? layout.batch() : first_slot(layout, 0, layout.time(), part + 1, parts);
    task(part, begin, end);
  });
}

/// Calls task(begin, end) for ranges of slots that make up all those active in the time steps [t_begin,
/// t_end), one after another where parts is 1.
template <class Task>
void split_slots(ThreadPool& pool, const SequenceLayout& layout, std::size_t t_begin, std::size_t t_end,
                 std::size_t parts, Task&& task) {
  const std::size_t slots = t_begin < layout.time() ? layout.active(t_begin) : 0;
  if (parts <= 1) return split_into(pool, slots, 1, task);
  pool.run(parts, [&](std::size_t part) {
    const std::size_t begin = first_slot(layout, t_begin, t_end, part, parts);
    const std::size_t end = first_slot(layout, t_begin, t_end, part + 1, parts);
    if (begin < end) task(begin, end);
  });
}

}  // namespace carousel
