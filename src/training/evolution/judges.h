// The members of a generation, judged on all threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/aligned.h"
#include "base/thread_pool.h"
#include "training/evolution/objective.h"

namespace carousel {

/// What evolution works on. The pool must outlive it.
template <class T>
struct EvolutionTask {
  AlignedVector<T> weights;  ///< to begin with; finite
  std::function<std::unique_ptr<Objective<T>>()> make_objective;
  ThreadPool& pool;
};

/// An objective and room for a member for each thread.
template <class T>
class Judges {
 public:
  explicit Judges(const EvolutionTask<T>& task) : pool_(task.pool) {
    for (std::size_t i = 0; i < pool_.threads(); ++i) {
      objectives_.push_back(task.make_objective());
      members_.emplace_back(task.weights.size());
    }
  }

  /// Losses of members 0 ... n - 1. write(i, span<T> out) makes member i and returns the round that it is
  /// judged under. Who is free takes the next.
  template <class Write>
  std::vector<double> losses(std::size_t n, Write&& write) {
    std::vector<double> losses(n);
    std::atomic<std::size_t> next = 0;
    pool_.run(std::min(objectives_.size(), n), [&](std::size_t thread) {
      for (std::size_t i = next++; i < n; i = next++) {
        const std::uint64_t round = write(i, std::span<T>(members_[thread]));
        losses[i] = objectives_[thread]->loss(members_[thread], round);
      }
    });
    return losses;
  }

 private:
  ThreadPool& pool_;
  std::vector<std::unique_ptr<Objective<T>>> objectives_;
  std::vector<AlignedVector<T>> members_;
};

}  // namespace carousel
