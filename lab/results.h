// What the runs of an experiment came to, and the file that keeps it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/experiments.h"

namespace carousel::lab {

struct SeedResult {
  std::uint64_t seed = 0;
  Outcome outcome;
  double seconds = 0;
  bool complete = true;  ///< false: stopped before its end, by the budget
};

struct Result {
  std::string experiment;
  std::string version, date, machine;
  std::vector<SeedResult> seeds;  ///< by number

  std::size_t met() const noexcept;
};

/// What runs of an experiment are compared by.
double measure_of(const Experiment& experiment, const SeedResult& seed) noexcept;
/// The median (of an even number, the worse of the middle ones), and the best: of the seeds that ran
/// to their end; where they are compared by sequences until the criterion is met, of those that met it. Of
/// all, where there is none of these.
struct Summary {
  double median = 0, best = 0;
};
Summary summary_of(const Experiment& experiment, const Result& result);
/// Whether enough of the seeds met it: as large a share as the gate asks for.
bool gate_held(const Experiment& experiment, const Result& result) noexcept;

/// FOLDER/NAME.json, written whole or not at all. Throws FileError.
void save_result(const Result& result, const std::string& folder);
/// None where there is no such file. Throws FileError, DataError.
std::optional<Result> load_result(const std::string& folder, const std::string& name);

}  // namespace carousel::lab
