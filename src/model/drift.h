// How far the outputs of a network whose weights are kept in fewer bits are from those of the exact one.
#pragma once

#include <cstddef>

#include "base/compensated_sum.h"
#include "model/network.h"

namespace carousel {

/// Over all outputs at all time steps of the sequences given to it.
class Drift {
 public:
  /// Runs both networks over x [T, B, F], from the state before a first step.
  void add(const Network<float>& exact, const Network<float>& reduced, const Sequences<float>& x,
           ThreadPool& pool);

  /// Outputs compared, and the sequences they are of.
  std::size_t values() const noexcept { return values_; }
  std::size_t sequences() const noexcept { return sequences_; }
  /// Outputs that are NaN or infinite in one network or both, and are left out of all else. NaN is what the
  /// numbers below are where that leaves none.
  std::size_t non_finite() const noexcept { return non_finite_; }
  /// Largest absolute difference, and the root of the mean squared one.
  double largest() const noexcept;
  double rms() const noexcept;
  /// Standard deviation of the exact network's outputs: what differences are to be compared with.
  double spread() const noexcept;

 private:
  std::size_t values_ = 0, sequences_ = 0, non_finite_ = 0;
  double largest_ = 0;
  CompensatedSum squared_differences_, exact_, exact_squared_;
};

}  // namespace carousel
