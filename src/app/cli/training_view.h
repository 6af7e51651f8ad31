// What a user sees of a training run on standard error, and how Ctrl-C gets to it.
#pragma once

#include <cstddef>
#include <optional>

#include "app/cli/interrupt.h"
#include "app/cli/live_line.h"
#include "tasks/training_run.h"

namespace carousel::cli {

/// A bar that is redrawn in place on a terminal, a line an epoch otherwise (at most about kMaxLines of them).
class TrainingView : public RunSink {
 public:
  static constexpr std::size_t kMaxLines = 100;

  /// quiet: shows nothing but what was left out of the data.
  explicit TrainingView(bool quiet) : quiet_(quiet) {}

  /// From here on Ctrl-C waits for the batch; before, there is nothing to save, and it ends the program at
  /// once.
  void on_plan(const std::vector<std::string>& lines) override;
  void on_left_out(const std::vector<std::string>& lines) override;
  void on_batch(const ProgressRecord& record) override;
  void on_epoch(const ProgressRecord& record) override;
  bool should_stop() override;

 private:
  std::optional<InterruptGuard> guard_;
  LiveLine line_;
  bool quiet_;
  double validation_loss_ = ProgressRecord::kNotMeasured;
};

}  // namespace carousel::cli
