// What every experiment of the lab is told, and what it says.
#pragma once

#include <cstddef>
#include <functional>

namespace carousel::lab {

/// What came of one run, of one seed.
struct Outcome {
  bool met = false;           ///< the criterion of the paper
  std::size_t sequences = 0;  ///< learned from until then
  double figure = 0;          ///< what the experiment measures; its header says what
};

struct Context {
  /// Told now and then what share of the longest run is done; false ends the run, whose outcome is then of
  /// what there is.
  std::function<bool(double fraction)> go_on = [](double) { return true; };
};

}  // namespace carousel::lab
