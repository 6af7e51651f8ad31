// What the outputs of a network that acts mean: which acts are how likely.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/random.h"
#include "carousel/environment.h"
#include "tensor/tensor.h"

namespace carousel {

/// Of acts that were done, a row each.
template <class T>
struct ActLikelihood {
  std::vector<T> log_probabilities, entropies;  ///< [rows]; entropies of the whole distribution
  Tensor<T> dlog_probability, dentropy;         ///< derivatives on the outputs [rows, outputs()]
};

/// A distribution over acts as a function of outputs. Const and without buffers: for any number of threads.
template <class T>
class Policy {
 public:
  virtual ~Policy() = default;
  /// Outputs of the network that it reads.
  virtual std::size_t outputs() const noexcept = 0;
  /// Numbers that an act is written with.
  virtual std::size_t numbers() const noexcept = 0;
  /// Draws an act [numbers()] from outputs [outputs()] with random number `index` and as many as it needs
  /// behind it, numbers() at most. scratch: [outputs()].
  virtual void draw(std::span<const T> outputs, const Random& random, std::uint64_t index,
                    std::span<float> act, std::span<T> scratch) const noexcept = 0;
  /// outputs: [rows, outputs()], acts: [rows, numbers()].
  virtual void judge(View<const T> outputs, View<const float> acts, ActLikelihood<T>& out) const = 0;
};

/// Discrete acts: p = softmax(outputs), one output a choice.
template <class T>
class CategoricalPolicy final : public Policy<T> {
 public:
  explicit CategoricalPolicy(std::size_t choices) : choices_(choices) {}
  std::size_t outputs() const noexcept override { return choices_; }
  std::size_t numbers() const noexcept override { return 1; }
  void draw(std::span<const T> outputs, const Random& random, std::uint64_t index, std::span<float> act,
            std::span<T> scratch) const noexcept override;
  void judge(View<const T> outputs, View<const float> acts, ActLikelihood<T>& out) const override;

 private:
  std::size_t choices_;
};

/// Continuous acts: each number a normal one of its own, its mean an output, its deviation s given or, with
/// 0, learned: then behind the means are outputs q for log s = kLimit tanh(q / kLimit).
template <class T>
class GaussianPolicy final : public Policy<T> {
 public:
  static constexpr double kLimit = 4;

  GaussianPolicy(std::size_t numbers, double deviation);
  std::size_t outputs() const noexcept override { return learned_ ? 2 * numbers_ : numbers_; }
  std::size_t numbers() const noexcept override { return numbers_; }
  void draw(std::span<const T> outputs, const Random& random, std::uint64_t index, std::span<float> act,
            std::span<T> scratch) const noexcept override;
  void judge(View<const T> outputs, View<const float> acts, ActLikelihood<T>& out) const override;

 private:
  struct LogDeviation {
    T value, slope;  // the derivative on q
  };
  LogDeviation log_deviation(const T* outputs, std::size_t number) const noexcept;

  std::size_t numbers_;
  bool learned_;
  T fixed_ = 0;  // log s where it is given
};

/// deviation: of continuous acts, as above.
template <class T>
std::unique_ptr<Policy<T>> make_policy(ActionKind kind, std::size_t actions, double deviation);

}  // namespace carousel
