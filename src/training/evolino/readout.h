// What Evolino solves and does not search: the readout of a network whose other weights are given.
#pragma once

#include <span>

namespace carousel {

/// Of one thread: others have readouts of their own, which come to the same.
template <class T>
class Readout {
 public:
  virtual ~Readout() = default;
  /// Solves the readout of a network with these weights and writes what of it belongs to them. Returns the
  /// network's loss on what it is judged by; smaller is better, NaN the worst. A function of the weights
  /// alone.
  virtual double solve(std::span<T> weights) = 0;
};

}  // namespace carousel
