// Learning from one whole sequence at a time: back-propagation through all its steps, then a step of Adam.
// For tasks whose papers have the truncated rule of 1997: the same networks, data and criteria, but errors
// that are not cut off, and steps of the right size where little is left to learn.
#pragma once

#include <memory>
#include <vector>

#include "model/network.h"
#include "training/optimizer.h"

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

 private:
  Pass pass() { return {.pool = &alone_, .training = true}; }

  Network<double>& network_;
  ThreadPool alone_{1};
  std::unique_ptr<Trace<double>> trace_;
  std::unique_ptr<Optimizer<double>> optimizer_;
  Sequences<double> x_, y_;
  Tensor<double> state_, dstate_;
  std::vector<double> weights_, gradient_;
};

}  // namespace carousel::lab
