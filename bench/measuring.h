// What the suites share: values, and the share of this CPU's limit.
//
// A benchmark measures the limit just before its own loop, so that its counter `share` compares two figures
// of one moment. Run with --benchmark_repetitions and --benchmark_enable_random_interleaving: the median of
// the shares then suffers little from whatever else the machine does.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <ctime>

#include "base/aligned.h"
#include "base/random.h"
#include "kernels/limits.h"
#include "kernels/target.h"

namespace carousel::bench {

/// Uniform in [-1, 1).
inline AlignedVector<float> values(std::size_t n, std::uint64_t seed) {
  const Random random(seed, 0);
  AlignedVector<float> v(n);
  for (std::size_t i = 0; i < n; ++i) v[i] = static_cast<float>(2 * random.uniform(i) - 1);
  return v;
}

/// Processor time since `begin`.
inline double seconds_since(std::clock_t begin) {
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

/// Calls work() as often as Google Benchmark wants. Counters, by processor time: GFLOP a second, where one
/// call takes so many operations, and the share of the limit.
template <class Work>
void measure(benchmark::State& state, double operations, Work&& work) {
  std::clock_t begin = std::clock();
  const double limit_operations = kernels::multiply_adds_in_registers<float>(500'000);
  const double limit_per_second = limit_operations / seconds_since(begin);
  begin = std::clock();
  for (auto _ : state) {
    work();
    benchmark::ClobberMemory();
  }
  const double all = operations * static_cast<double>(state.iterations());
  state.counters["share"] = all / seconds_since(begin) / limit_per_second;
  state.counters["GFLOP"] = benchmark::Counter(all * 1e-9, benchmark::Counter::kIsRate);
}

/// The main function of a suite.
inline int run_suite(int count, char** words) {
  benchmark::Initialize(&count, words);
  if (benchmark::ReportUnrecognizedArguments(count, words)) return 2;
  benchmark::AddCustomContext("kernels", kernels::target_name());
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace carousel::bench
