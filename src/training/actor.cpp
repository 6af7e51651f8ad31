#include "training/actor.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace carousel {

template <class T>
Actor<T>::Actor(const Network<T>& network, const Environment& environment)
    : network_(network),
      discrete_(environment.action_kind() == ActionKind::discrete),
      actions_(environment.actions()),
      seen_({1, network.inputs()}),
      put_out_({1, network.outputs()}) {
  if (network.inputs() != environment.observations() || network.outputs() < actions_)
    throw SettingError(fmt::format("network: found {} inputs and {} outputs, expected {} and at least {}",
                                   network.inputs(), network.outputs(), environment.observations(),
                                   actions_));
  if (!network.causal())
    throw SettingError(fmt::format("network: {} looks at steps to come, and who acts has not seen them",
                                   network.first_not_causal()));
  state_ = network.start(1);
  scratch_.resize(network.step_scratch(1));
}

template <class T>
bool Actor<T>::act(std::span<const float> seen, std::span<float> done) {
  std::ranges::copy(seen, seen_.data());
  network_.step(std::as_const(seen_).matrix(), state_.matrix(), put_out_.matrix(), scratch_.data());
  const std::span<const T> outputs = std::as_const(put_out_).span().first(actions_);
  if (!std::ranges::all_of(outputs, [](T y) { return std::isfinite(y); })) return false;
  if (discrete_)
    done[0] = static_cast<float>(std::ranges::max_element(outputs) - outputs.begin());
  else
    std::ranges::transform(outputs, done.begin(), [](T y) { return static_cast<float>(y); });
  return true;
}

EpisodeOutcome play_episode(Environment& environment, std::uint64_t seed, const Act& act,
                            const std::function<void(std::span<const float> seen, std::span<const float> done,
                                                     const Environment::Step&)>& watch) {
  std::vector<float> seen(environment.observations()), next(seen);
  std::vector<float> done(environment.action_kind() == ActionKind::discrete ? 1 : environment.actions());
  environment.reset(seed, seen);
  EpisodeOutcome outcome;
  for (Environment::Step step; !step.over; ++outcome.steps) {
    if (!act(seen, done)) {
      outcome.sum = std::numeric_limits<double>::quiet_NaN();
      return outcome;
    }
    step = environment.step(done, next);
    if (watch) watch(seen, done, step);
    outcome.sum += step.reward;
    outcome.success = step.success;
    std::swap(seen, next);
  }
  return outcome;
}

template class Actor<float>;
template class Actor<double>;

}  // namespace carousel
