// Evoke: Evolino with a support vector machine for its readout (Schmidhuber, Gagliolo, Wierstra & Gomez,
// "Evolino for Recurrent Support Vector Machines", ESANN 2006), to tell classes of whole sequences. What the
// network puts out at the last step of a sequence is what the machine is given. It is trained anew for each
// network; the loss is the mean over the sequences judged by of
//
//     max(0, 1 - m),     m the smallest decision for the sequence's class among its pairs (svm_model.h),
//
// which is at least the share of those taken for another class.
#pragma once

#include <cstddef>
#include <vector>

#include "base/thread_pool.h"
#include "model/network.h"
#include "training/evolino/readout.h"
#include "training/evolino/svm.h"

namespace carousel {

/// Sequences [T, B, F], none empty, with their classes [B].
template <class T>
struct ClassedSequences {
  Sequences<T> inputs;
  std::vector<std::size_t> classes;
};

/// Shared by the readouts of all threads, which must not outlive it.
template <class T>
struct SvmReadoutTask {
  const Network<T>& network;       ///< its layers are what counts, not its weights: all of them evolve
  ClassedSequences<T> fit, judge;  ///< learned from, judged by; may be the same
  SvmOptions svm;
};

template <class T>
class SvmReadout final : public Readout<T> {
 public:
  /// Throws Error for sequences that do not fit the network, and for classes to be judged that are not to be
  /// learned.
  explicit SvmReadout(const SvmReadoutTask<T>& task);

  /// Writes nothing into the weights: what is solved is model().
  double solve(std::span<T> weights) override;
  /// As of the last solve() whose loss was a number.
  const SvmModel& model() const noexcept { return model_; }

 private:
  const SvmReadoutTask<T>& task_;
  ThreadPool alone_{1};
  Network<T> network_;
  SvmModel model_;
};

/// What a network puts out at the last step of each sequence: [B, outputs()] in the caller's order.
template <class T>
Tensor<double> last_outputs(const Network<T>& network, ThreadPool& pool, const Sequences<T>& inputs);

}  // namespace carousel
