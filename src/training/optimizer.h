// How a gradient changes the weights.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tensor/parameters.h"
#include "training/named_vector.h"

namespace carousel {

/// Each optimizer reads the settings named with it.
struct OptimizerOptions {
  std::string name = "adam";  ///< sgd, rmsprop, adam, adamw, adafactor
  double momentum = 0;        ///< sgd, rmsprop: in [0, 1)
  bool nesterov = false;      ///< sgd with momentum
  double alpha = 0.99;        ///< rmsprop: decay of the mean square
  double beta1 = 0.9;         ///< adam, adamw: decay of the mean
  double beta2 = 0.999;       ///< adam, adamw: decay of the mean square
  double epsilon = 1e-8;      ///< rmsprop, adam, adamw
  double weight_decay = 0;    ///< adamw
};

/// Works on one thread, through the weight vector in its order, so the result does not depend on threads.
template <class T>
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// One update: weights and gradient [size], rate > 0.
  virtual void step(std::span<T> weights, std::span<const T> gradient, double rate) = 0;
  /// Everything the next step depends on, as windows: to be copied out for a checkpoint, and written to when
  /// going on from one.
  virtual std::vector<NamedSpan<T>> state() = 0;
  /// Updates made so far; part of the state.
  std::size_t steps = 0;
};

/// For a weight vector of `size` elements. parameters: what they are, in the order of the vector; adafactor
/// alone asks, and without them takes all for one bias. Throws SettingError for an unknown name or a value
/// out of range.
template <class T>
std::unique_ptr<Optimizer<T>> make_optimizer(const OptimizerOptions& options, std::size_t size,
                                             std::span<const Parameter> parameters = {});

/// Scales the gradient so that its Euclidean norm is at most `limit` (0: leaves it) and returns the norm it
/// had. NaN or Inf if an element is; then the gradient is left as it is.
template <class T>
double clip_by_norm(std::span<T> gradient, double limit);

}  // namespace carousel
