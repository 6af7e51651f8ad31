// The readout of Evolino as its paper has it (Schmidhuber, Wierstra, Gagliolo & Gomez, "Training Recurrent
// Networks by Evolino", Neural Computation 19, 2007, sec. 3): the network's last layer is
//
//     y(t) = W phi(t) + b,
//
// phi what the layers before put out. Phase 1: these run over the stretch learned from, under teacher forcing
// where outputs come back as inputs, and W and b follow from phi and the targets (least_squares.h). Phase 2:
// the whole network runs over the stretch that judges it, free or one step ahead; its loss is the normalised
// mean squared error there.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "base/thread_pool.h"
#include "model/network.h"
#include "training/evolino/readout.h"
#include "training/evolino/stretch.h"
#include "training/weight_groups.h"

namespace carousel {

/// Shared by the readouts of all threads, which must not outlive it.
template <class T>
struct LinearReadoutTask {
  const Network<T>& network;  ///< its layers are what counts, not its weights
  Stretch<T> fit, judge;      ///< learned from, judged by; may be the same sequences
  /// Outputs come back as further inputs of the next step, times this.
  std::optional<double> feedback = {};
  bool free_run = false;  ///< judged by what the network makes of its own outputs, not of targets
  double ridge = 0;       ///< at least 0; 0: the pseudo-inverse
};

template <class T>
class LinearReadout final : public Readout<T> {
 public:
  /// Throws SettingError for a network whose last layer is no dense one with the identity for its activation,
  /// or the only one, and for options out of range; Error for stretches that do not fit the network or hold
  /// nothing to judge.
  explicit LinearReadout(const LinearReadoutTask<T>& task);

  double solve(std::span<T> weights) override;

 private:
  Sequences<T> forward(const Network<T>& network, const Sequences<T>& x);
  Sequences<T> run();

  const LinearReadoutTask<T>& task_;
  ThreadPool alone_{1};
  Network<T> network_, hidden_;           // the whole, and the layers before the last
  std::vector<std::size_t> fit_rows_;     // of the steps learned from
  Tensor<T> fit_targets_;                 // theirs
  Sequences<T> fit_input_, judge_input_;  // under teacher forcing
};

/// Where the parameters of the network's last layer begin in the weight vector: they are its end.
template <class T>
std::size_t readout_begin(const Network<T>& network);

/// What evolves: the weights of each unit before the last layer.
template <class T>
std::vector<WeightGroup> evolved_groups(const Network<T>& network);

}  // namespace carousel
