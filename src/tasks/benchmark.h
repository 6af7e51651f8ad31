// How fast this machine runs networks, beside its own limits: what `carousel bench` tells.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tasks/benchmark_work.h"

namespace carousel {

struct BenchmarkSettings {
  double seconds = 60;      ///< to measure for; every work is measured once even if that takes longer
  std::size_t threads = 0;  ///< beside one; 0: one a processor
};

/// One work on so many threads.
struct BenchmarkFigures {
  BenchmarkWork work;
  std::size_t threads;
  std::string schedule;   ///< how they share the pass out, "rows"; empty where one thread works
  double operations;      ///< of the matrix products of a pass, two for a multiply-add
  double seconds;         ///< of a pass: median
  double share_of_limit;  ///< least_seconds() with the limits of the same round / seconds of it: median
};

struct Benchmark {
  std::string processor, kernels;
  std::size_t processors;
  bool caches_known;                  ///< false: their sizes are assumed
  std::size_t rounds = 0;             ///< in each of which everything was measured; 0: stopped before
  std::vector<std::size_t> threads;   ///< 1 and the number asked for
  std::vector<MachineLimits> limits;  ///< medians, for each number of threads
  std::vector<BenchmarkFigures> works;
};

class BenchmarkSink {
 public:
  virtual ~BenchmarkSink() = default;
  /// The fraction of the time that is over, in [0, 1].
  virtual void on_measured(double fraction, double seconds) = 0;
  /// Asked between two measurements. True: the benchmark ends with what it has.
  virtual bool should_stop() = 0;
};

/// Measures in rounds, limits and works in turn, until the time is over, so that whatever else the machine
/// does for a while falls on all alike. Throws SettingError for a number of threads that cannot be.
Benchmark run_benchmark(const BenchmarkSettings& settings, BenchmarkSink& sink);

}  // namespace carousel
