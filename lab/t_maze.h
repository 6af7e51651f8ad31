// The T-maze: Bakker, "Reinforcement Learning with Long Short-Term Memory", NIPS 14, 2002; by recurrent
// policy gradients: Wierstra, Foerster, Peters & Schmidhuber, "Solving Deep Memory POMDPs with Recurrent
// Policy Gradients", ICANN 2007. A sign at the beginning of a corridor says which way to turn at its end, N
// steps later (tasks/environments/t_maze.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// `lstm 64`, acts and value on top, by PPO, until 50 episodes are without fault, at most 60 epochs of 10
/// rollouts of 16 rows and 128 steps. sequences: episodes learned from. figure: share of right turns in 1,000
/// other episodes, acted greedily. Met: 95 %.
Outcome run_t_maze(const Context& context, std::uint64_t seed, std::size_t length = 50);

extern const Experiment kTMaze, kTMaze100;

}  // namespace carousel::lab
