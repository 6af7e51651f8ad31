// Fits hidden Markov models to sequences: Baum, Petrie, Soules & Weiss, Annals of Mathematical Statistics 41
// (1970); an instance of expectation-maximisation (Dempster, Laird & Rubin 1977).
#pragma once

#include "base/thread_pool.h"
#include "tasks/hidden_markov/hidden_markov.h"

namespace carousel {

/// Sequences to learn from, read anew whenever they are looked at, from several threads at once.
struct ObservedSequences {
  std::size_t count = 0;
  std::function<Observed(std::size_t)> read;
};

struct BaumWelchOptions {
  std::size_t iterations = 30;
  double tolerance = 1e-3;  ///< ends when a step has gained no more nats than this
  /// 1: states are first what comes one after the other in equal stretches, of a sequence or of the steps
  /// that may be in the same states. Each further one: near steps drawn by chance. The likeliest model stays.
  std::size_t starts = 1;
  double pseudo_count = 1;  ///< transitions from each state beside those seen, to all alike; 0: none
};

struct BaumWelchFit {
  HiddenMarkov model;
  /// Logarithm of the likelihood of everything, and of the prior that the pseudo-counts are, by iteration: it
  /// never falls. The last is the model's.
  std::vector<double> objective;
};

using MakeEmissions = std::function<std::unique_ptr<Emissions>()>;

/// Sums are made over parts of the sequences that do not depend on the threads: the same bits on any number
/// of them. A sequence that cannot be counts for nothing.
BaumWelchFit baum_welch(const ObservedSequences& sequences, std::size_t states,
                        const MakeEmissions& emissions, const BaumWelchOptions& options, ThreadPool& pool);

/// Of every feature over all sequences; what is no finite number is left out.
FeatureMoments feature_moments(const ObservedSequences& sequences, std::size_t features);

/// Bytes that fitting takes at most, beside the sequences, with emissions of so many sums.
double baum_welch_bytes(double states, double emission_sums);

}  // namespace carousel
