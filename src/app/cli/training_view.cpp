#include "app/cli/training_view.h"

#include "app/cli/output.h"
#include "app/cli/progress_bar.h"

namespace carousel::cli {

void TrainingView::on_plan(const std::vector<std::string>& lines) {
  guard_.emplace("this batch");
  if (!quiet_) write_message(wrapped_lines(lines, line_.terminal().columns()));
}

void TrainingView::on_left_out(const std::vector<std::string>& lines) {
  write_message(wrapped_lines(lines, line_.terminal().columns()));
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
