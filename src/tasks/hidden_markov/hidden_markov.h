// Hidden Markov models: Rabiner, "A Tutorial on Hidden Markov Models and Selected Applications in Speech
// Recognition", Proceedings of the IEEE 77 (1989).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "tasks/hidden_markov/emissions.h"

namespace carousel {

/// A sequence as such a model sees it.
struct Observed {
  std::size_t steps = 0;
  std::vector<float> x;       ///< [steps, features]
  std::vector<Range> states;  ///< where each step may be, as far as that is known; empty: anywhere

  Range states_at(std::size_t t, std::size_t all) const { return states.empty() ? Range{0, all} : states[t]; }
  std::span<const float> step(std::size_t t) const {
    const std::size_t features = x.size() / steps;
    return std::span(x).subspan(t * features, features);
  }
};

class HiddenMarkov {
 public:
  /// At first every state is as likely as any other to begin with, and to come next.
  HiddenMarkov(std::size_t states, std::unique_ptr<Emissions> emissions);

  std::size_t states() const noexcept { return states_; }
  const Emissions& emissions() const noexcept { return *emissions_; }
  Emissions& emissions() noexcept { return *emissions_; }
  /// Probabilities of the first state [states], and of the next one after each [states, states], row-major.
  std::span<const double> first() const noexcept { return first_; }
  std::span<const double> next() const noexcept { return next_; }
  std::span<const double> log_first() const noexcept { return log_first_; }
  std::span<const double> log_next() const noexcept { return log_next_; }
  /// Throws Error for other sizes.
  void set_transitions(std::vector<double> first, std::vector<double> next);

  /// Of a sequence without steps: 0; of one that cannot be: -inf.
  double log_likelihood(const Observed& observed) const;

 private:
  std::size_t states_;
  std::unique_ptr<Emissions> emissions_;
  std::vector<double> first_, next_, log_first_, log_next_;
};

/// The forward-backward algorithm along one sequence, in logarithms. Of the states' forward probabilities a
/// block of steps is kept, and the step before each block, from which the others are made again.
class ForwardBackward {
 public:
  static constexpr std::size_t kBlock = 1024;

  /// Goes forward. Keeps references.
  ForwardBackward(const HiddenMarkov& model, const Observed& observed);

  double log_likelihood() const noexcept { return log_likelihood_; }

  /// state [states]: p(state at t | sequence). next [states, states]: p(state at t + 1 | state at t,
  /// sequence), where both may be; empty for the last step.
  using Take =
      std::function<void(std::size_t t, std::span<const double> state, std::span<const double> next)>;
  /// Calls take for every step, the last one first; not at all for a sequence that cannot be.
  void backward(const Take& take);

 private:
  Range states_at(std::size_t t) const;
  void forward(std::size_t block);
  void advance(std::size_t t, std::span<const double> before, std::span<const double> emission,
               std::span<double> after);
  void retreat(std::size_t t);
  std::span<double> row(std::vector<double>& matrix, std::size_t t) const;

  const HiddenMarkov& model_;
  const Observed& observed_;
  std::vector<double> alpha_, emission_;  // [kBlock, states] of the block forward was called for last
  std::vector<double> block_start_;       // [blocks, states], alpha before each
  std::vector<double> beta_, ahead_;      // [states]; of t, and with the emission of t + 1
  std::vector<double> next_, scaled_, sums_;
  double log_likelihood_ = 0;
};

}  // namespace carousel
