#include "tasks/benchmark.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "base/median.h"
#include "kernels/target.h"
#include "tasks/work_runner.h"

namespace carousel {

namespace {

// Of a core of today, where the system does not tell.
const std::vector<Cache> kUsualCaches = {{1, 32 << 10, 1}, {2, 512 << 10, 1}, {3, 8 << 20, 4}};

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A work on a number of threads, and what has been measured of it, a value a round.
struct Series {
  BenchmarkWork work;
  std::size_t threads;
  std::size_t meter;  // of its number of threads
  std::unique_ptr<WorkRunner> runner;
  std::vector<WorkProduct> products;
  std::vector<double> seconds, shares;
};

/// Limits for one number of threads, a value a measurement.
struct LimitSeries {
  explicit LimitSeries(std::size_t threads, std::span<const Cache> caches)
      : pool(threads), meter(threads, caches), bytes(meter.limits().levels.size()) {}

  void measure_operations() {
    meter.measure_operations();
    operations.push_back(meter.limits().operations_per_second);
  }
  void measure_levels() {
    meter.measure_levels();
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i].push_back(meter.limits().levels[i].bytes_per_second);
  }
  MachineLimits medians() const {
    MachineLimits limits = meter.limits();
    limits.operations_per_second = median(operations);
    for (std::size_t i = 0; i < bytes.size(); ++i) limits.levels[i].bytes_per_second = median(bytes[i]);
    return limits;
  }

  ThreadPool pool;
  LimitMeter meter;
  std::vector<double> operations;
  std::vector<std::vector<double>> bytes;  // of each level
};

class Run {
 public:
  Run(const BenchmarkSettings& settings, BenchmarkSink& sink) : settings_(settings), sink_(sink) {
    report_.processor = processor_name();
    report_.kernels = kernels::target_name();
    report_.processors = processor_count();
    std::vector<Cache> caches = data_caches();
    report_.caches_known = !caches.empty();
    if (caches.empty()) caches = kUsualCaches;
    report_.threads = {1};
    const std::size_t asked = settings.threads == 0 ? processor_count() : settings.threads;
    if (asked > 1) report_.threads.push_back(asked);
    for (const std::size_t threads : report_.threads)
      limits_.push_back(std::make_unique<LimitSeries>(threads, caches));
  }

  Benchmark run() {
    if (set_up())
      while (round()) ++report_.rounds;
    if (report_.rounds > 0) conclude();
    return std::move(report_);
  }

 private:
  bool over() {
    const double seconds = seconds_since(begin_);
    sink_.on_measured(std::min(1.0, seconds / settings_.seconds), seconds);
    return (report_.rounds > 0 && seconds >= settings_.seconds) || sink_.should_stop();
  }

  /// False where it was stopped.
  bool set_up() {
    for (const BenchmarkWork& work : standard_works())
      for (std::size_t i = 0; i < limits_.size(); ++i) {
        if (i > 0 && work.kind == BenchmarkWork::Kind::step) continue;  // one thread's work by its nature
        if (over()) return false;
        auto runner = std::make_unique<WorkRunner>(work, limits_[i]->pool);
        std::vector<WorkProduct> products = products_of(work, runner->network().parameters());
        series_.push_back({work, report_.threads[i], i, std::move(runner), std::move(products), {}, {}});
      }
    return true;
  }

  /// False where the time is over, or it was stopped, before the end of the round.
  bool round() {
    for (const auto& limits : limits_) limits->measure_levels();
    for (Series& series : series_) {
      if (over()) return false;
      LimitSeries& limits = *limits_[series.meter];
      limits.measure_operations();
      series.seconds.push_back(series.runner->measure());
      series.shares.push_back(least_seconds(series.products, limits.meter.limits(), series.threads) /
                              series.seconds.back());
    }
    return true;
  }

  void conclude() {
    for (const auto& limits : limits_) report_.limits.push_back(limits->medians());
    for (const Series& series : series_) {
      double operations = 0;
      for (const WorkProduct& product : series.products) operations += product.operations;
      const Load load{series.threads, series.work.B, series.work.kind == BenchmarkWork::Kind::training};
      const PassSchedule chosen = series.runner->network().schedule(load);
      const std::string schedule = chosen.threads == 1 ? "" : name(chosen.by);
      report_.works.push_back(
          {series.work, series.threads, schedule, operations, median(series.seconds), median(series.shares)});
    }
  }

  BenchmarkSettings settings_;
  BenchmarkSink& sink_;
  Clock::time_point begin_ = Clock::now();
  Benchmark report_;
  std::vector<std::unique_ptr<LimitSeries>> limits_;
  std::vector<Series> series_;
};

}  // namespace

Benchmark run_benchmark(const BenchmarkSettings& settings, BenchmarkSink& sink) {
  return Run(settings, sink).run();
}

}  // namespace carousel
