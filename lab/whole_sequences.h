// Learning from one whole sequence at a time: back-propagation through all its steps, the gradient scaled to
// a norm of at most 1, a step of Adam. For tasks whose papers have the truncated rule of 1997.
#pragma once

#include <memory>
#include <vector>

#include "model/network.h"
#include "training/optimizer.h"
#include "training/weight_average.h"

namespace carousel::lab {

class WholeSequences {
 public:
  /// The network's weights change; it must outlive this.
  explicit WholeSequences(Network<double>& network);

  /// Outputs [T, 1, N] of the one sequence x [T, 1, F], from the state that sequences begin with.
  const Sequences<double>& run(const Sequences<double>& x);
  /// Of the sequence run last, T.
  std::size_t steps() const { return x_.layout().time(); }
  /// Learns from the sequence run last: dy [T, 1, N] is the derivative of its loss; rate > 0.
  void learn(const Sequences<double>& dy, double rate);
  /// Gives the network the running mean of its weights over the last thousand steps or so, which are noisy.
  /// Before the first step it keeps those it has.
  void take_mean() {
    if (mean_.has()) network_.set_weights(mean_.mean());
  }

 private:
  Pass pass() { return {.pool = &alone_, .training = true}; }

  Network<double>& network_;
  ThreadPool alone_{1};
  std::unique_ptr<Trace<double>> trace_;
  std::unique_ptr<Optimizer<double>> optimizer_;
  Sequences<double> x_, y_;
  Tensor<double> state_, dstate_;
  std::vector<double> weights_, gradient_;
  WeightAverage<double> mean_;
};

}  // namespace carousel::lab
