// How the outputs of a computation are shared out to threads. Splits change the time it takes, never its
// result.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/thread_pool.h"
#include "kernels/gemm.h"
#include "tensor/view.h"

namespace carousel {

/// Multiply-adds below which a second thread costs more than it brings.
inline constexpr std::size_t kWorthAThread = 1 << 18;

/// Calls task(begin, end) for contiguous ranges that make up [0, n): one a thread, fewer where the work (in
/// multiply-adds altogether) is small.
template <class Task>
void split_work(ThreadPool& pool, std::size_t n, std::size_t multiply_adds, Task&& task) {
  const std::size_t parts = std::min({pool.threads(), n, multiply_adds / kWorthAThread + 1});
  if (parts <= 1) {
    if (n > 0) task(std::size_t{0}, n);
    return;
  }
  pool.run(parts, [&](std::size_t part) { task(n * part / parts, n * (part + 1) / parts); });
}

/// gradient [M, N] += left^T right, over rows: left [rows, M], right [rows, N]. `packed` is a buffer to be
/// used again.
template <class T>
void add_outer_products(ThreadPool& pool, View<const T> left, View<const T> right, T* gradient,
                        kernels::PackedMatrix<T>& packed) {
  const std::size_t m = left.columns(), n = right.columns(), rows = left.rows();
  packed.pack(right.data(), rows, n, right.stride(), 1);
  split_work(pool, m, rows * m * n, [&](std::size_t begin, std::size_t end) {
    gemm(end - begin, kernels::LeftMatrix<T>{left.data() + begin, 1, left.stride()}, packed,
         gradient + begin * n, n, kernels::Start::accumulate);
  });
}

}  // namespace carousel
