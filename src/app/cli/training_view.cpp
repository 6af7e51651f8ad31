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

constexpr std::chrono::milliseconds kBetweenDraws{100};

std::string plural(std::size_t count, const char* one, const char* several) {
  return grouped(count) + ' ' + (count == 1 ? one : several);
}

}  // namespace

void TrainingView::on_plan(const ForecastPlan& plan) {
  if (quiet_) return;
  const ForecastSettings& settings = plan.settings;
  const std::size_t width = terminal_.columns();
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
  if (quiet_ || !terminal_.is_terminal()) return;
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ != 0 && now - last_draw_ < kBetweenDraws) return;
  last_draw_ = now;
  draw(record);
}

void TrainingView::on_epoch(const ProgressRecord& record) {
  validation_loss_ = record.validation_loss;
  if (quiet_) return;
  if (terminal_.is_terminal()) {
    draw(record);
    return;
  }
  const std::size_t every = (record.epochs + kMaxLines - 1) / kMaxLines;
  if (record.epoch == 1 || record.epoch == record.epochs || every <= 1 || record.epoch % every == 0)
    write_message(epoch_text(record) + '\n');
}

bool TrainingView::should_stop() { return InterruptGuard::signal() != 0; }

void TrainingView::draw(const ProgressRecord& record) {
  // The last column stays free: writing there makes some terminals wrap.
  const std::size_t columns = terminal_.columns() - 1;
  const std::string text = bar_text(record, validation_loss_, columns, terminal_.utf8());
  // In a window made narrower the old line may have been broken: the bar goes on below it.
  write_message((drawn_ > columns ? "\n\x1b[K" : "\r\x1b[K") + text);
  drawn_ = text_width(text);
}

void TrainingView::end_bar() noexcept {
  if (drawn_ != 0) write_message("\n");
  drawn_ = 0;
}

}  // namespace carousel::cli
