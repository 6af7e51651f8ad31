// What the losses over alignments share: targets that are symbols, and sequences shared out to threads.
#pragma once

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "tensor/sequences.h"
#include "tensor/symbols.h"

namespace carousel {

/// The symbols of each sequence of target [U, B, 1]. Throws Error, naming the loss and the place, for what is
/// none of 0 ... symbols - 1.
template <class T>
std::vector<std::vector<std::size_t>> symbol_targets(const std::string& loss, const Sequences<T>& target,
                                                     std::size_t symbols) {
  std::vector<std::vector<std::size_t>> result(target.layout().batch());
  for (std::size_t b = 0; b < result.size(); ++b)
    for (std::size_t u = 0; u < target.layout().length(b); ++u) {
      const T y = target.at(b, u)[0];
      if (!is_symbol(y, symbols))
        throw Error(
            fmt::format("[{}] expected the numbers of symbols, 0 to {}, as targets, got {} at step {} of "
                        "sequence {}",
                        loss, symbols - 1, y, u, b));
      result[b].push_back(static_cast<std::size_t>(y));
    }
  return result;
}

/// task(first, apart, losses) sets the losses [B] of the sequences first, first + apart, ... ; they are
/// summed in the caller's order.
template <class Task>
double sum_over_sequences(ThreadPool& pool, std::size_t batch, Task&& task) {
  std::vector<double> losses(batch, 0.0);
  const std::size_t parts = std::min(pool.threads_now(), batch);
  pool.run(parts, [&](std::size_t part) { task(part, parts, std::span(losses)); });
  double sum = 0;
  for (const double loss : losses) sum += loss;
  return sum;
}

}  // namespace carousel
