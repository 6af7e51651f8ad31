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

const Experiment kTMaze{
    .name = "t_maze",
    .what =
        "walks down a corridor of 50 steps and turns where a sign at its beginning said: lstm "
        "64, by recurrent PPO",
    .source = "Bakker, NIPS 14, 2002; Wierstra, Foerster, Peters & Schmidhuber, ICANN 2007",
    .figure = "share of right turns",
    .published = "solved",
    .gate = "95 % of 1,000 episodes, 4 of 5 seeds",
    .seeds = 5,
    .needed = 4,
    .run = [](const Context& context, std::uint64_t seed) { return run_t_maze(context, seed, 50); }};

const Experiment kTMaze100{
    .name = "t_maze_100",
    .what = "the same with a corridor of 100 steps",
    .source = "Bakker, NIPS 14, 2002; Wierstra, Foerster, Peters & Schmidhuber, ICANN 2007",
    .figure = "share of right turns",
    .published = "solved",
    .gate = "none: an aim, 100 %",
    .seeds = 3,
    .needed = 1,
    .run = [](const Context& context, std::uint64_t seed) { return run_t_maze(context, seed, 100); }};

}  // namespace carousel::lab
