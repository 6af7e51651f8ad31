#include "lab/whole_sequences.h"

#include <algorithm>

namespace carousel::lab {

namespace {
constexpr double kLargestNorm = 1;  // of a gradient
constexpr double kMeanDecay = 0.999;
}  // namespace

WholeSequences::WholeSequences(Network<double>& network)
    : network_(network),
      trace_(network.make_trace()),
      optimizer_(make_optimizer<double>({}, network.weights().size())),
      dstate_({1, network.state_size()}),
      weights_(network.weights().begin(), network.weights().end()),
      gradient_(weights_.size()),
      mean_(kMeanDecay, weights_.size()) {}

const Sequences<double>& WholeSequences::run(const Sequences<double>& x) {
  x_ = x;
  state_ = network_.start(1);
  network_.forward(pass(), x_, state_.matrix(), y_, *trace_);
  return y_;
}

void WholeSequences::learn(const Sequences<double>& dy, double rate) {
  std::ranges::fill(gradient_, 0.0);
  dstate_.fill(0);
  network_.backward(pass(), x_, y_, dy, dstate_.matrix(), nullptr, gradient_, *trace_);
  clip_by_norm<double>(gradient_, kLargestNorm);
  optimizer_->step(weights_, gradient_, rate);
  network_.set_weights(weights_);
  mean_.add(weights_);
}

}  // namespace carousel::lab
