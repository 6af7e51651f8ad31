// What the long time lags of 1997 have in common: sequences whose last step alone has a target, learned from
// one after the other until the last ones were right, then judged on new ones.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/random.h"
#include "lab/experiment.h"
#include "lab/first_weights.h"

namespace carousel::lab {

/// Draws one sequence after another.
class LagTask {
 public:
  virtual ~LagTask() = default;
  virtual std::size_t inputs() const = 0;
  virtual std::size_t outputs() const = 0;
  /// The next sequence, a function of `random`; returns its steps.
  virtual std::size_t draw(const Random& random) = 0;
  /// Of the sequence drawn last: inputs of step t, asked for in order, into x [inputs()], which holds what
  /// the call before left there; and the target of its last step [outputs()].
  virtual void input(std::size_t t, std::span<double> x) const = 0;
  virtual void target(std::span<double> target) const = 0;
};

/// Of half the squared error: the rule of 1997 with plain steps, or lab/whole_sequences.h, where the running
/// mean of the weights is tested.
enum class LagRule { truncated, whole };

struct LagSettings {
  std::string spec;
  FirstWeights first;
  LagRule rule = LagRule::truncated;
  double learning_rate = 0.5;
  double tolerance = 0.04;        ///< a sequence is right if all its outputs' errors are below
  std::size_t recent = 2000;      ///< sequences that decide when to stop: so many, of which
  std::size_t wrong_allowed = 0;  ///< at most so many are wrong,
  double error_allowed = 0.01;    ///< and whose errors have a mean below this
  std::size_t most_sequences = 1'000'000;
  std::size_t tests = 2560;
};

struct LagOutcome {
  bool stopped = false;       ///< by the last sequences, not by most_sequences
  std::size_t sequences = 0;  ///< learned from
  std::size_t wrong = 0;      ///< of the tests
  double mean_square = 0;     ///< of the tests' errors, a mean over outputs too
};

LagOutcome run_lag_task(LagTask& task, const LagSettings& settings, const Context& context,
                        std::uint64_t seed);

}  // namespace carousel::lab
