// What the states of a hidden Markov model let be seen: numbers, of each state from normal distributions; or
// symbols.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/random.h"
#include "data/split.h"

namespace carousel {

/// What is seen at a step is x [F]. Sums for the next estimate are kept by whoever makes them, so that
/// several may be made at once and added.
class Emissions {
 public:
  virtual ~Emissions() = default;

  /// log p(x | state) of some of the states, into their places of out [states].
  virtual void log_probabilities(std::span<const float> x, Range states, std::span<double> out) const = 0;
  /// Length of the sums.
  virtual std::size_t sums() const noexcept = 0;
  /// Adds x to the sums of some of the states, with the weight [states] of each.
  virtual void add(std::span<const float> x, Range states, std::span<const double> weights,
                   std::span<double> sums) const = 0;
  /// The likeliest by the sums; a state without weight stays what it is.
  virtual void maximise(std::span<const double> sums) = 0;
  /// What `maximise` adds to the logarithm of the likelihood; a constant left out.
  virtual double log_prior() const = 0;
  /// Begins with a state near what was seen at one step.
  virtual void start(std::size_t state, std::span<const float> x, const Random& random) = 0;
};

/// Of each feature alone, [features].
struct FeatureMoments {
  std::vector<double> mean, variance;
};

/// Normal distributions with a mean and a variance of their own for each state and feature. No variance falls
/// below a hundredth of the feature's over everything, or a state that has caught a few equal values would
/// have no end of likelihood. A feature that never changes has variance 1. What is no finite number counts as
/// not seen: its factor is left out.
std::unique_ptr<Emissions> gaussian_emissions(std::size_t states, const FeatureMoments& moments);

/// A probability for each of `symbols`, whose number is x[0]. pseudo_count: of observations beside those that
/// were made, spread over all symbols alike, so that no symbol is impossible; 0: none.
std::unique_ptr<Emissions> symbol_emissions(std::size_t states, std::size_t symbols, double pseudo_count);

}  // namespace carousel
