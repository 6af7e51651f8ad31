// What every experiment of the lab is told, and what it says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>

#include "base/thread_pool.h"

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
  std::string data = {};       ///< folder of real data
  ThreadPool* pool = nullptr;  ///< for experiments that use more than one thread; null: they make their own
};

/// The source of several.
inline constexpr std::string_view kLstm1997 = "Hochreiter & Schmidhuber, Neural Computation 9, 1997";

struct Experiment {
  std::string_view name;    ///< as it is typed
  std::string_view what;    ///< data, network and way of learning, in a sentence
  std::string_view source;  ///< the paper
  std::string_view figure;  ///< what Outcome::figure is, such as "wrong of 2,560"
  std::string_view published;
  std::string_view gate;        ///< what has to hold, in words
  std::size_t seeds = 10;       ///< that the gate speaks of
  std::size_t needed = 9;       ///< of them have to meet it
  bool by_sequences = true;     ///< runs are compared by Outcome::sequences, else by figure
  bool less_is_better = true;   ///< of what they are compared by
  std::string_view data = {};   ///< what the folder of real data has to hold, and where it comes from
  bool shares_threads = false;  ///< one run uses all of them; else each seed has one
  Outcome (*run)(const Context&, std::uint64_t seed) = nullptr;
};

}  // namespace carousel::lab
