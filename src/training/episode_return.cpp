#include "training/episode_return.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace carousel {

namespace {

template <class T>
void write_act(std::span<const T> outputs, ActionKind kind, std::span<float> act) {
  if (kind == ActionKind::discrete)
    act[0] = static_cast<float>(std::ranges::max_element(outputs) - outputs.begin());
  else
    std::ranges::transform(outputs, act.begin(), [](T v) { return static_cast<float>(v); });
}

}  // namespace

template <class T>
EpisodeOutcome play_episode(const Network<T>& network, Environment& environment, std::uint64_t seed) {
  const std::size_t actions = environment.actions();
  if (network.inputs() != environment.observations() || network.outputs() < actions)
    throw SettingError(fmt::format("network: found {} inputs and {} outputs, expected {} and at least {}",
                                   network.inputs(), network.outputs(), environment.observations(), actions));
  Tensor<T> x({1, network.inputs()}), state = network.start(1), y({1, network.outputs()});
  std::vector<T> scratch(network.step_scratch(1));
  std::vector<float> seen(network.inputs());
  std::vector<float> act(environment.action_kind() == ActionKind::discrete ? 1 : actions);
  environment.reset(seed, seen);
  EpisodeOutcome outcome;
  for (Environment::Step step; !step.over; ++outcome.steps) {
    std::ranges::copy(seen, x.data());
    network.step(std::as_const(x).matrix(), state.matrix(), y.matrix(), scratch.data());
    write_act<T>(std::as_const(y).span().first(actions), environment.action_kind(), act);
    step = environment.step(act, seen);
    outcome.sum += step.reward;
    outcome.success = step.success;
  }
  return outcome;
}

template EpisodeOutcome play_episode(const Network<float>&, Environment&, std::uint64_t);
template EpisodeOutcome play_episode(const Network<double>&, Environment&, std::uint64_t);

}  // namespace carousel
