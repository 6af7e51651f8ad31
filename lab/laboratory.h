// Runs an experiment over seeds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "lab/results.h"

namespace carousel::lab {

struct RunPlan {
  std::size_t seeds = 0;    ///< 0: as many as the gate speaks of
  std::uint64_t first = 0;  ///< the first seed's number
  /// For all seeds; 0: none. What is under way then ends early, the rest is left out.
  double budget_seconds = 0;
  std::string data = {};               ///< folder of real data
  std::vector<SeedResult> known = {};  ///< of seeds that are not to be run again
};

/// Is told how it goes, from the calling thread or others, one at a time.
class LabSink {
 public:
  virtual ~LabSink() = default;
  /// done: share of all seeds' work, in [0, 1].
  virtual void on_progress(double done, double seconds) { (void)done, (void)seconds; }
  virtual void on_seed(const SeedResult& result) { (void)result; }
  /// True: ends all, as the budget does.
  virtual bool should_stop() { return false; }
};

/// A result of this program and machine, without seeds.
Result begin_result(const Experiment& experiment, const ThreadPool& pool);

/// Seeds share the pool's threads. Threads do not show in the result, but in its seconds and, where the
/// budget ends it, in what there is. Throws DataError where real data are missing, and what the experiment
/// throws.
Result run_experiment(const Experiment& experiment, const RunPlan& plan, ThreadPool& pool, LabSink* sink);

}  // namespace carousel::lab
