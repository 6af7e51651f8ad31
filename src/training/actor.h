// A network that acts: what is seen goes in, step by step from the state that a sequence begins with, and
// what it puts out is done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "carousel/environment.h"
#include "model/network.h"

namespace carousel {

/// Does an act [1] of discrete ones, else [actions], for what is seen [observations]. False: it has none.
using Act = std::function<bool(std::span<const float> seen, std::span<float> done)>;

template <class T>
class Actor {
 public:
  /// The network must outlive it. Throws SettingError for one that has other inputs than the environment
  /// shows, or too few outputs, or looks at steps to come.
  Actor(const Network<T>& network, const Environment& environment);

  /// An episode begins.
  void begin() { network_.start(state_.matrix()); }
  /// As Act, by the first actions() outputs: the largest of discrete acts, of equals the first, else the
  /// outputs. False where they are no numbers. Further outputs, such as the value of a policy gradient's
  /// network, are not acted on.
  bool act(std::span<const float> seen, std::span<float> done);

 private:
  const Network<T>& network_;
  bool discrete_;
  std::size_t actions_;
  Tensor<T> seen_, state_, put_out_;
  std::vector<T> scratch_;
};

struct EpisodeOutcome {
  double sum = 0;        ///< of its rewards: the return; NaN where there was no act
  bool success = false;  ///< see Environment::Step
  std::size_t steps = 0;
};

/// One episode. watch, if there is one, is told of each step: what was seen, what was done, and what came of
/// it, when the environment has gone on.
EpisodeOutcome play_episode(Environment& environment, std::uint64_t seed, const Act& act,
                            const std::function<void(std::span<const float> seen, std::span<const float> done,
                                                     const Environment::Step&)>& watch = nullptr);

/// The same of an actor, from its beginning.
template <class T>
EpisodeOutcome play_episode(Environment& environment, std::uint64_t seed, Actor<T>& actor) {
  actor.begin();
  return play_episode(environment, seed, [&](std::span<const float> seen, std::span<float> done) {
    return actor.act(seen, done);
  });
}

}  // namespace carousel
