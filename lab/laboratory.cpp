#include "lab/laboratory.h"

#include <carousel/error.h>
#include <carousel/version.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <numeric>
#include <optional>
#include <vector>

#include "base/machine.h"

namespace carousel::lab {

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point then) { return std::chrono::duration<double>(Clock::now() - then).count(); }

std::string today() {
  using namespace std::chrono;
  const year_month_day day(floor<days>(system_clock::now()));
  return fmt::format("{}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

/// All seeds of one experiment under way.
class Runs {
 public:
  Runs(const Experiment& experiment, const RunPlan& plan, ThreadPool& pool, LabSink* sink)
      : experiment_(experiment),
        plan_(plan),
        pool_(pool),
        sink_(sink),
        fractions_(plan.seeds == 0 ? experiment.seeds : plan.seeds),
        results_(fractions_.size()) {
    for (const SeedResult& known : plan.known)
      if (known.seed >= plan.first && known.seed - plan.first < results_.size())
        results_[known.seed - plan.first] = known, fractions_[known.seed - plan.first] = 1;
  }

  std::vector<SeedResult> all() {
    const std::size_t together = experiment_.shares_threads ? 1 : std::min(pool_.threads(), results_.size());
    std::atomic<std::size_t> next = 0;
    const auto work = [&](std::size_t) {
      for (std::size_t i = next++; i < results_.size() && !over(); i = next++) run(i);
    };
    if (together == 1)
      work(0);
    else
      pool_.run(together, work);
    if (failure_) std::rethrow_exception(failure_);
    std::vector<SeedResult> done;
    for (const auto& result : results_)
      if (result) done.push_back(*result);
    return done;
  }

 private:
  bool over() {
    const std::lock_guard lock(mutex_);
    return failure_ || (sink_ != nullptr && sink_->should_stop()) ||
           (plan_.budget_seconds > 0 && since(start_) >= plan_.budget_seconds);
  }
  void run(std::size_t i) {
    if (results_[i]) return;
    SeedResult result{.seed = plan_.first + i, .outcome = {}};
    Context context;
    context.data = plan_.data;
    if (experiment_.shares_threads) context.pool = &pool_;
    context.go_on = [&](double fraction) {
      tell(i, fraction);
      if (over()) result.complete = false;
      return result.complete;
    };
    const Clock::time_point began = Clock::now();
    try {
      result.outcome = experiment_.run(context, result.seed);
      result.seconds = since(began);
      tell(i, 1);
      const std::lock_guard lock(mutex_);
      results_[i] = result;
      if (sink_ != nullptr) sink_->on_seed(result);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }
  void tell(std::size_t i, double fraction) {
    const std::lock_guard lock(mutex_);
    fractions_[i] = fraction;
    if (sink_ == nullptr) return;
    double done =
        std::accumulate(fractions_.begin(), fractions_.end(), 0.0) / static_cast<double>(fractions_.size());
    if (plan_.budget_seconds > 0) done = std::max(done, std::min(since(start_) / plan_.budget_seconds, 1.0));
    sink_->on_progress(done, since(start_));
  }

  const Experiment& experiment_;
  const RunPlan& plan_;
  ThreadPool& pool_;
  LabSink* sink_;
  std::mutex mutex_;
  std::vector<double> fractions_;
  std::vector<std::optional<SeedResult>> results_;
  std::exception_ptr failure_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace

Result begin_result(const Experiment& experiment, const ThreadPool& pool) {
  return {std::string(experiment.name),
          kVersion,
          today(),
          fmt::format("{}, {} threads", processor_name(), pool.threads()),
          {}};
}

Result run_experiment(const Experiment& experiment, const RunPlan& plan, ThreadPool& pool, LabSink* sink) {
  if (!experiment.data.empty() && plan.data.empty())
    throw SettingError(
        fmt::format("{}: it needs real data: --data, a folder with {}", experiment.name, experiment.data));
  Result result = begin_result(experiment, pool);
  result.seeds = Runs(experiment, plan, pool, sink).all();
  return result;
}

}  // namespace carousel::lab
