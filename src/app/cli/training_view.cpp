#include "app/cli/training_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/progress_bar.h"
#include "app/cli/text_table.h"

namespace carousel::cli {

namespace {

std::string plural(std::size_t count, const char* one, const char* several) {
  return grouped(count) + ' ' + (count == 1 ? one : several);
}

}  // namespace

void TrainingView::on_plan(const ForecastPlan& plan) {
  if (quiet_) return;
  const ForecastSettings& settings = plan.settings;
  const std::size_t width = line_.terminal().columns();
  std::string data = fmt::format("data: {}, {}", settings.data, plural(plan.rows, "row", "rows"));
  if (plan.series > 1) data += fmt::format(" in {} series", grouped(plan.series));
  if (plan.frequency != "none" && !plan.frequency.empty()) data += ", " + plan.frequency;
  std::string task = fmt::format("forecast: {}, {} ahead from {}", fmt::join(settings.targets, ", "),
                                 plural(settings.horizon, "step", "steps"),
                                 plural(settings.context.value_or(0), "row", "rows"));
  if (!plan.log_targets.empty()) task += fmt::format(" (logarithm of {})", fmt::join(plan.log_targets, ", "));
  const std::string network =
      fmt::format("network: {}; {}", plan.spec, plural(plan.parameters, "parameter", "parameters"));
  const std::string windows = fmt::format("windows: {} to train on, {} to validate",
                                          grouped(plan.training_windows), grouped(plan.validation_windows));
  for (const std::string& line : {data, task, network, windows})
    write_message(wrapped(one_line(line), 0, width) + '\n');
}

void TrainingView::on_batch(const ProgressRecord& record) {
  if (!quiet_ && line_.terminal().is_terminal()) line_.draw(record, validation_loss_);
}

void TrainingView::on_epoch(const ProgressRecord& record) {
  validation_loss_ = record.validation_loss;
  if (quiet_) return;
  if (line_.terminal().is_terminal()) return line_.draw(record, validation_loss_, true);
  const std::size_t every = (record.epochs + kMaxLines - 1) / kMaxLines;
  if (record.epoch == 1 || record.epoch == record.epochs || every <= 1 || record.epoch % every == 0)
    write_message(epoch_text(record) + '\n');
}

bool TrainingView::should_stop() { return InterruptGuard::signal() != 0; }

}  // namespace carousel::cli
