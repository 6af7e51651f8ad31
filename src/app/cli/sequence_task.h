// What classify, label and transcribe have in common as tasks.
#pragma once

#include "app/cli/task.h"
#include "app/cli/train_output.h"
#include "tasks/sequence_settings.h"

namespace carousel::cli {

class SequenceTask : public Task {
 public:
  std::string_view name() const noexcept override { return standard().task(); }
  void add_train(CLI::App& train, Commands& commands) const override;
  std::uint64_t seed(const std::string& settings_file) const override;
  TrainingResult train_again(const std::string& settings_file, std::optional<std::uint64_t> seed,
                             const RunFolder& folder, ThreadPool& pool, RunSink& sink) const override;
  TrainingResult resume(const RunFolder& folder, ThreadPool& pool, RunSink& sink) const override;
  std::string use(const RunFolder& folder) const override;

 protected:
  struct Help {
    std::string description;
    std::vector<std::string> examples;
  };
  virtual Help help() const = 0;
  /// Settings of the job that nobody has chosen anything of.
  virtual SequenceSettings standard() const noexcept = 0;
  /// Those that only this job has.
  virtual void add_own_options(CLI::App& parser, SequenceSettings& settings) const {
    (void)parser, (void)settings;
  }

  SequenceJob job() const noexcept { return standard().job; }
};

/// The name of a run on its page.
std::string run_name(const RunFolder& folder);

}  // namespace carousel::cli
