// A line on standard error that is redrawn in place, where there is a terminal.
#pragma once

#include <chrono>
#include <cstddef>

#include "app/cli/terminal.h"
#include "carousel/progress.h"

namespace carousel::cli {

/// Shows a progress bar; ends its line when it goes away.
class LiveLine {
 public:
  LiveLine() : terminal_(2) {}
  ~LiveLine() { end(); }
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  const Terminal& terminal() const noexcept { return terminal_; }
  /// The bar of bar_text(). Less than a tenth of a second after the last one nothing happens, unless it is
  /// to be drawn `anyway`.
  void draw(const ProgressRecord& record, double validation_loss, bool anyway = false);

 private:
  /// Leaves the bar as it stands and goes to the next line.
  void end() noexcept;

  Terminal terminal_;
  std::size_t drawn_ = 0;  ///< columns of the bar on the screen; 0: none
  std::chrono::steady_clock::time_point last_draw_{};
};

}  // namespace carousel::cli
