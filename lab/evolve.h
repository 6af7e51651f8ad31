// What the experiments of Evolino have in common: networks evolve, those of a series with outputs that come
// back.
#pragma once

#include <cstdint>
#include <span>

#include "lab/experiment.h"
#include "training/evolino/evolino.h"
#include "training/evolino/linear_readout.h"

namespace carousel::lab {

/// The best of all networks, and how many there were.
struct Evolved {
  AlignedVector<double> weights;
  std::size_t networks = 0;
};

/// Leads a learner until so many generations are done, its best loss is at most `target_loss`, or the context
/// says stop.
Evolved lead(Evolino<double>& learner, std::size_t generations, double target_loss, const Context& context);

/// Evolves the layers of the task's network; members begin around its weights.
Evolved evolve(const LinearReadoutTask<double>& task, const EvolinoOptions& options, std::size_t generations,
               const Context& context);

/// One sequence without inputs whose values are the targets.
Stretch<double> one_sequence(std::span<const double> values, std::size_t washout);

/// Sets every weight to 0 but the biases of these gates of the first layer, an lstm.
void set_gate_biases(Network<double>& network, double input, double forget);

}  // namespace carousel::lab
