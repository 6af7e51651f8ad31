// A way to learn while a sequence runs: after any step the error of that step alone says how to change the
// weights, for all of the past is in traces. Memory and time of a step do not depend on how many there were.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "training/named_vector.h"

namespace carousel {

/// One stream through a network. Weights, gradients: laid out like the network's. No call allocates.
template <class T>
class OnlineRule {
 public:
  virtual ~OnlineRule() = default;
  virtual std::size_t inputs() const noexcept = 0;
  virtual std::size_t outputs() const noexcept = 0;

  virtual void get_weights(std::span<T> weights) const noexcept = 0;
  virtual void set_weights(std::span<const T> weights) noexcept = 0;

  /// A sequence begins: nothing is remembered, all traces are 0.
  virtual void restart() noexcept = 0;
  /// One time step. x [inputs()]; what comes out of it, [outputs()], is there until the next call.
  virtual std::span<const T> step(std::span<const T> x) noexcept = 0;

  /// dy [outputs()]: gradient of the error of the last step on what came out. Changes the weights by minus
  /// `rate` times the rule's gradient.
  virtual void learn(std::span<const T> dy, T rate) noexcept = 0;
  /// Puts that gradient aside in place of it, added to those of other steps;
  virtual void collect(std::span<const T> dy) noexcept = 0;
  /// changes the weights by minus `rate` times what was put aside, and forgets it.
  virtual void learn_collected(T rate) noexcept = 0;
  /// Into `gradient`, what was put aside.
  virtual void get_collected(std::span<T> gradient) const noexcept = 0;

  /// All that the next steps depend on beside the weights and what was put aside, as windows.
  virtual std::vector<NamedSpan<T>> memory() = 0;
};

}  // namespace carousel
