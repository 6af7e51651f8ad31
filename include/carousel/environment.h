// A world to act in: what a policy sees, what it does, and what it gets for it, step by step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace carousel {

/// What acts are made of.
enum class ActionKind {
  discrete,    ///< one of actions() choices, given by its number
  continuous,  ///< actions() numbers from -1 to 1; others are cut to that
};

/// One episode after the other. Not shared between threads: each has an environment of its own.
class Environment {
 public:
  /// What comes of an act.
  struct Step {
    double reward = 0;     ///< what it is worth
    bool over = false;     ///< the episode has ended, by failure, success or its longest length
    bool success = false;  ///< it is over, and what it was for has been reached
  };

  virtual ~Environment() = default;
  /// Numbers that are seen after each step.
  virtual std::size_t observations() const noexcept = 0;
  /// What acts are made of.
  virtual ActionKind action_kind() const noexcept = 0;
  /// Choices, or numbers of an act.
  virtual std::size_t actions() const noexcept = 0;
  /// Begins an episode, which is a function of the seed and of what is done in it. Writes what is seen first,
  /// [observations()].
  virtual void reset(std::uint64_t seed, std::span<float> observation) = 0;
  /// action: [1] of discrete acts, else [actions()]. Writes what is seen then. Not to be called once an
  /// episode is over.
  virtual Step step(std::span<const float> action, std::span<float> observation) = 0;
};

/// Makes one more, for another thread or another row of a batch; all are alike.
using MakeEnvironment = std::function<std::unique_ptr<Environment>()>;

}  // namespace carousel
