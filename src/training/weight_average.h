// The running mean of the weights, which is less noisy than the last of them.
#pragma once

#include <cstddef>
#include <span>

#include "base/aligned.h"
#include "training/checkpoint.h"

namespace carousel {

/// Throws SettingError for a decay outside [0, 1).
void check_average(double decay);

/// After update t, with weights w_t, the mean is  m_t = m_{t-1} + r_t (w_t - m_{t-1}),  r_t = (1 - d) / (1 -
/// d^t): the mean of w_1 ... w_t with weights that fall by d from the last to the first and sum to 1. About
/// the last 1 / (1 - d) count. Kingma, Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015,
/// 7.2, after Polyak, Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J. Control and
/// Optimization 30 (1992).
template <class T>
class WeightAverage {
 public:
  /// Of a weight vector of `size` elements. decay: as check_average() wants it; 0: there is no mean.
  WeightAverage(double decay, std::size_t size);

  /// After an update: the weights it led to, [size].
  void add(std::span<const T> weights);
  /// Whether there is a mean: decay above 0, and an update was made.
  bool has() const noexcept { return total_ > 0; }
  /// [size]; of no meaning without has().
  std::span<const T> mean() const noexcept { return mean_; }

  /// Puts vector "average" and number "average.total" into a checkpoint, where there is a decay.
  void put(Checkpoint<T>& checkpoint) const;
  /// The inverse. Throws ModelError, and has changed nothing, where one is missing, of another size or no
  /// such number.
  void take(const Checkpoint<T>& checkpoint);

 private:
  double decay_;
  double total_ = 0;  // 1 - d^t
  AlignedVector<T> mean_;
};

}  // namespace carousel
