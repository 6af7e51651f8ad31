// What `carousel bench` measures: works, and the least time that a machine's limits leave for each.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tasks/machine_limits.h"
#include "tensor/parameters.h"

namespace carousel {

/// One pass of a network of `layers` (a spec) over a batch of B sequences of T steps and F features.
struct BenchmarkWork {
  enum class Kind {
    inference,  ///< forward
    training,   ///< forward, then backward to inputs and weights
    step,       ///< one step of one stream: B = T = 1
  };
  Kind kind;
  std::size_t B, T, F;
  std::string layers;

  std::size_t steps() const noexcept { return B * T; }
};

/// The ones that bench runs, in their order.
std::vector<BenchmarkWork> standard_works();

/// A matrix product of a work, and what it has to read for it.
struct WorkProduct {
  double operations;  ///< two for a multiply-add
  double bytes = 0;   ///< of weights that are read again every time step
  /// Weights that must be at hand from one time step to the next, to be shared out to threads.
  std::size_t held_bytes = 0;
};

/// The products of a pass over a network with these parameters, whose recurrent weights are called "R" and
/// whose other matrices are used for many time steps at once; in a step, for one.
std::vector<WorkProduct> products_of(const BenchmarkWork& work, const ParameterTable& parameters);

/// The least time for them: each as fast as multiply-adds, or as reading its weights, if that is slower. What
/// else there is to do takes no time.
double least_seconds(std::span<const WorkProduct> products, const MachineLimits& limits, std::size_t threads);

}  // namespace carousel
