// What a user sees of a training run on standard error, and how Ctrl-C gets to it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "app/cli/terminal.h"
#include "tasks/forecast.h"

namespace carousel::cli {

/// A bar that is redrawn in place on a terminal, a line an epoch otherwise (at most about kMaxLines of them).
class TrainingView : public ForecastSink {
 public:
  static constexpr std::size_t kMaxLines = 100;

  /// quiet: shows nothing.
  explicit TrainingView(bool quiet) : terminal_(2), quiet_(quiet) {}
  ~TrainingView() override { end_bar(); }

  void on_plan(const ForecastPlan& plan) override;
  void on_batch(const ProgressRecord& record) override;
  void on_epoch(const ProgressRecord& record) override;
  bool should_stop() override;

  /// Leaves the bar as it stands and goes to the next line.
  void end_bar() noexcept;

 private:
  void draw(const ProgressRecord& record);

  Terminal terminal_;
  bool quiet_;
  double validation_loss_ = ProgressRecord::kNotMeasured;
  std::size_t drawn_ = 0;  ///< columns of the bar on the screen; 0: none
  std::chrono::steady_clock::time_point last_draw_{};
};

}  // namespace carousel::cli
