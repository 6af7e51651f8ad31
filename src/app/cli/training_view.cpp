#include "app/cli/training_view.h"

#include <algorithm>

#include "app/cli/output.h"
#include "app/cli/progress_bar.h"
#include "app/cli/text_table.h"

namespace carousel::cli {

void TrainingView::on_plan(const std::vector<std::string>& lines) {
  guard_.emplace("this batch");
  if (quiet_) return;
  for (const std::string& line : lines)
    write_message(wrapped(one_line(line), std::min(line.find_first_not_of(' '), line.size()),
                          line_.terminal().columns()) +
                  '\n');
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
