// A task trained and judged as part of an experiment.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "lab/experiment.h"
#include "tasks/run_folder.h"
#include "tasks/settings_file.h"
#include "tasks/training_run.h"

namespace carousel::lab {

/// An experiment that learns a task, on all threads: three seeds, all of which have to meet the gate,
/// compared by their figures.
constexpr Experiment of_a_task(Experiment experiment) {
  experiment.seeds = experiment.needed = 3;
  experiment.by_sequences = false;
  experiment.shares_threads = true;
  return experiment;
}

/// A folder for one run, taken away with it.
class RunPlace {
 public:
  /// Throws FileError.
  RunPlace();
  ~RunPlace();
  RunPlace(const RunPlace&) = delete;
  RunPlace& operator=(const RunPlace&) = delete;

  const std::string& path() const noexcept { return path_; }
  RunFolder run() const { return {path_ + "/run"}; }

 private:
  std::string path_;
};

/// Tells the context how a task's training goes, and stops it.
class ContextRunSink final : public RunSink {
 public:
  explicit ContextRunSink(const Context& context) : context_(context) {}
  void on_batch(const ProgressRecord& record) override { stop_ = !context_.go_on(record.fraction); }
  bool should_stop() override { return stop_; }

 private:
  const Context& context_;
  bool stop_ = false;
};

/// The file of this name in the folder of real data or in a folder in it. Throws DataError, naming it, where
/// there is none.
std::string data_file(const Context& context, const std::string& name);

/// The context of a part of a run, which is [begin, end) of it, such as 0.2 and 1. The whole must outlive it.
Context part_of(const Context& whole, double begin, double end);

/// Settings of a text like run.toml, with a seed.
template <class Settings>
Settings lab_settings(std::string_view toml, std::uint64_t seed) {
  auto settings = from_toml<Settings>(toml, "settings of the experiment");
  if constexpr (requires { settings.training; })
    settings.training.seed = seed;
  else
    settings.series.training.seed = seed;
  return settings;
}

/// The outcome of a run that ended, or not, with this figure, of which less or more is better.
Outcome judged(const TrainingResult& result, double figure, double gate, bool less_is_better = true);

}  // namespace carousel::lab
