#include "app/cli/live_line.h"

#include "app/cli/output.h"
#include "app/cli/progress_bar.h"

namespace carousel::cli {

namespace {

constexpr std::chrono::milliseconds kBetweenDraws{100};

}  // namespace

void LiveLine::draw(const ProgressRecord& record, double validation_loss, bool anyway) {
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ != 0 && !anyway && now - last_draw_ < kBetweenDraws) return;
  last_draw_ = now;
  // The last column stays free: writing there makes some terminals wrap.
  const std::size_t columns = terminal_.columns() - 1;
  const std::string text = bar_text(record, validation_loss, columns, terminal_.utf8());
  // In a window made narrower the old line may have been broken: the bar goes on below it.
  write_message((drawn_ > columns ? "\n\x1b[K" : "\r\x1b[K") + text);
  drawn_ = text_width(text);
}

void LiveLine::end() noexcept {
  if (drawn_ != 0) write_message("\n");
  drawn_ = 0;
}

}  // namespace carousel::cli
