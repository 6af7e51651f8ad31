// All experiments of the lab: what the literature claims, and what runs it again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "lab/experiment.h"

namespace carousel::lab {

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

/// By name.
std::span<const Experiment> experiments();
/// Throws SettingError with the nearest name.
const Experiment& experiment(std::string_view name);

}  // namespace carousel::lab
