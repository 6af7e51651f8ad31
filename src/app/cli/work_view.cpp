#include "app/cli/work_view.h"

#include "app/cli/output.h"
#include "app/cli/terminal.h"

namespace carousel::cli {

void WorkView::tell(const std::string& what, double fraction) {
  if (quiet_) return;
  const auto now = std::chrono::steady_clock::now();
  if (fraction == 0) {
    begin_ = now;
    write_message(wrapped(one_line(what), 0, line_.terminal().columns()) + '\n');
  } else if (line_.terminal().is_terminal()) {
    ProgressRecord record;
    record.fraction = fraction;
    record.seconds = std::chrono::duration<double>(now - begin_).count();
    line_.draw(record, ProgressRecord::kNotMeasured, fraction == 1);
  }
}

}  // namespace carousel::cli
