// The running mean of the weights, which is less noisy than the last of them.
#pragma once

#include <cstddef>
#include <span>

#include "base/aligned.h"
#include "training/checkpoint.h"

namespace carousel {

/// After update t, with weights w_t, the mean is  m_t = m_{t-1} + r_t (w_t - m_{t-1}),  r_t = (1 - d) / (1 -
/// d^t): the mean of w_1 ... w_t with weights that fall by d from the last to the first and sum to 1. About
/// the last 1 / (1 - d) count. Polyak, Juditsky, "Acceleration of stochastic approximation by averaging",
/// SIAM J. Control and Optimization 30 (1992), with the decay of Adam's means (Kingma, Ba, ICLR 2015).
template <class T>
class WeightAverage {
 public:
  /// Of a weight vector of `size` elements. decay in [0, 1); 0: there is none. Throws SettingError for
  /// another.
  WeightAverage(double decay, std::size_t size);

  /// After an update: the weights it led to, [size].
  void add(std::span<const T> weights);
  /// Whether there is a mean: decay above 0, and an update was made.
  bool has() const noexcept { return total_ > 0; }
  /// [size]; of no meaning without has().
  std::span<const T> mean() const noexcept { return mean_; }

  /// Puts vector "average" and number "average.total" into a checkpoint, where there is a decay.
  void put(Checkpoint<T>& checkpoint) const;
  /// The inverse. Throws ModelError, and has changed nothing, where one is missing or of another size.
  void take(const Checkpoint<T>& checkpoint);

 private:
  double decay_;
  double total_ = 0;  // 1 - d^t
  AlignedVector<T> mean_;
};

}  // namespace carousel
