// How well a network acts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "carousel/environment.h"
#include "model/network.h"

namespace carousel {

/// What came of an episode.
struct EpisodeOutcome {
  double sum = 0;        ///< of its rewards: the return
  bool success = false;  ///< see Environment::Step
  std::size_t steps = 0;
};

/// A network acts, one episode long. It reads what is seen, one step at a time from the state that a sequence
/// begins with, and what its first actions() outputs say is done: the largest of discrete acts (of equals the
/// first), else the outputs. Further ones, such as the value of a policy gradient's network, are not acted
/// on. Throws SettingError for a network that has other inputs than the environment shows, or too few
/// outputs.
template <class T>
EpisodeOutcome play_episode(const Network<T>& network, Environment& environment, std::uint64_t seed);

template <class T>
double episode_return(const Network<T>& network, Environment& environment, std::uint64_t seed) {
  return play_episode(network, environment, seed).sum;
}

}  // namespace carousel
