#include "lab/t_maze.h"

#include <fmt/format.h>

#include <memory>

#include "tasks/environments/t_maze.h"
#include "training/actor.h"
#include "training/policy_gradient/policy_gradient.h"

namespace carousel::lab {

namespace {

constexpr std::size_t kEpochs = 60, kTests = 1000;
constexpr std::uint64_t kFirstTest = 1'000'000;  // seed, far from those that validation plays

/// Until validation is without fault; returns the number of episodes.
std::size_t learn(PolicyGradient<float>& learner, const Context& context) {
  std::size_t episodes = 0, update = 0;
  for (std::size_t epoch = 0; epoch < kEpochs; ++epoch) {
    const double fraction = static_cast<double>(epoch) / kEpochs;
    if (!context.go_on(fraction)) break;
    for (std::size_t step = 0; step < learner.steps(epoch); ++step)
      episodes += learner.step({epoch, step, update++, fraction}).sequences;
    if (learner.validate() <= -TMaze::kRight) break;
  }
  return episodes;
}

/// Share of episodes with a right turn.
double right_turns(const Network<float>& network, Environment& maze) {
  Actor<float> actor(network, maze);
  std::size_t right = 0;
  for (std::uint64_t test = 0; test < kTests; ++test)
    right += play_episode(maze, kFirstTest + test, actor).success ? 1 : 0;
  return static_cast<double>(right) / kTests;
}

}  // namespace

Outcome run_t_maze(const Context& context, std::uint64_t seed, std::size_t length) {
  const MakeEnvironment make = [length] {
    return std::make_unique<TMaze>(TMazeOptions{.length = length, .longest = 20 * (length + 1)});
  };
  const auto maze = make();
  PolicyGradientOptions options;
  options.evaluation_episodes = 50;
  options.seed = seed;
  const std::string spec = fmt::format("lstm 64, dense {}", policy_outputs(*maze, options.deviation));
  Network<float> network(spec, maze->observations(), seed);
  ThreadPool pool;
  PolicyGradient<float> learner({network, make, pool}, options);
  Outcome outcome;
  outcome.sequences = learn(learner, context);
  outcome.figure = right_turns(network, *maze);
  outcome.met = outcome.figure >= 0.95;
  return outcome;
}

}  // namespace carousel::lab
