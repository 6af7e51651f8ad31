// How well a network acts.
#pragma once

#include <cstdint>

#include "carousel/environment.h"
#include "model/network.h"

namespace carousel {

/// What a network gets in an episode: the sum of its rewards. It reads what is seen, one step at a time from
/// the state that a sequence begins with, and what its first actions() outputs say is done: the largest of
/// discrete acts (of equals the first), else the outputs. Further ones, such as the value of a policy
/// gradient's network, are not acted on. Throws SettingError for a network that has other inputs than the
/// environment shows, or too few outputs.
template <class T>
double episode_return(const Network<T>& network, Environment& environment, std::uint64_t seed);

}  // namespace carousel
