// A work of the benchmark set up to be run again and again.
#pragma once

#include <memory>

#include "model/network.h"
#include "tasks/benchmark_work.h"

namespace carousel {

class WorkRunner {
 public:
  /// Weights and inputs are drawn from a fixed seed.
  WorkRunner(const BenchmarkWork& work, ThreadPool& pool);

  const Network<float>& network() const noexcept { return network_; }
  Network<float>& network() noexcept { return network_; }
  /// One pass.
  void run();
  /// The time of a pass in seconds, from as many as fill a few milliseconds.
  double measure();

 private:
  BenchmarkWork work_;
  Network<float> network_;
  std::unique_ptr<Trace<float>> trace_;
  Pass pass_;
  Sequences<float> x_, y_, dy_, dx_;
  Tensor<float> state_;
  AlignedVector<float> gradient_, scratch_;
  std::size_t repeats_ = 0;  // 0: not found out yet
};

}  // namespace carousel
