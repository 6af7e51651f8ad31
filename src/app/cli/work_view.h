// What a user sees on standard error of long work that is no training.
#pragma once

#include <chrono>
#include <string>

#include "app/cli/live_line.h"
#include "tasks/long_work.h"

namespace carousel::cli {

/// A line that says what is being done; on a terminal a bar below it.
class WorkView {
 public:
  /// quiet: shows nothing.
  explicit WorkView(bool quiet) : quiet_(quiet) {}

  /// As TellWork is called.
  void tell(const std::string& what, double fraction);

 private:
  LiveLine line_;
  bool quiet_;
  std::chrono::steady_clock::time_point begin_{};
};

/// What work(tell) returns; the view's lines end before it does.
template <class Work>
auto watched(bool quiet, const Work& work) {
  WorkView view(quiet);
  return work(TellWork([&view](const std::string& what, double fraction) { view.tell(what, fraction); }));
}

}  // namespace carousel::cli
