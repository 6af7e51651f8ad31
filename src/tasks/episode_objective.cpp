#include "tasks/episode_objective.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace carousel {

namespace {

void check_sizes(const Network<float>& network, const Environment& environment) {
  if (network.inputs() != environment.observations() || network.outputs() != environment.actions())
    throw SettingError(fmt::format("network: found {} inputs and {} outputs, expected {} and {}",
                                   network.inputs(), network.outputs(), environment.observations(),
                                   environment.actions()));
}

}  // namespace

double episode_return(const Network<float>& network, Environment& environment, std::uint64_t seed) {
  check_sizes(network, environment);
  Tensor<float> seen({1, network.inputs()}), state = network.start(1), put_out({1, network.outputs()});
  std::vector<float> scratch(network.step_scratch(1));
  environment.reset(seed, seen.matrix().row_span(0));
  double sum = 0;
  for (Environment::Step step; !step.over; sum += step.reward) {
    network.step(std::as_const(seen).matrix(), state.matrix(), put_out.matrix(), scratch.data());
    const std::span<const float> outputs = std::as_const(put_out).matrix().row_span(0);
    const auto choice = static_cast<float>(std::ranges::max_element(outputs) - outputs.begin());
    const bool discrete = environment.action_kind() == ActionKind::discrete;
    step = environment.step(discrete ? std::span(&choice, 1) : outputs, seen.matrix().row_span(0));
  }
  return sum;
}

EpisodeObjective::EpisodeObjective(const std::string& spec, const MakeEnvironment& make, std::size_t episodes)
    : environment_(make()), network_(spec, environment_->observations()), episodes_(episodes) {
  check_sizes(network_, *environment_);
  if (!network_.causal())
    throw SettingError("network: it looks at steps to come, and who acts has not seen them");
}

double EpisodeObjective::loss(std::span<const float> weights, std::uint64_t round) {
  network_.set_weights(weights);
  double sum = 0;
  for (std::size_t e = 0; e < episodes_; ++e)
    sum += episode_return(network_, *environment_, round * episodes_ + e);
  return -sum / static_cast<double>(episodes_);
}

}  // namespace carousel
