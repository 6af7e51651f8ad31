#include "tasks/episode_objective.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include "training/episode_return.h"

namespace carousel {

namespace {

void check_sizes(const Network<float>& network, const Environment& environment) {
  if (network.inputs() != environment.observations() || network.outputs() != environment.actions())
    throw SettingError(fmt::format("network: found {} inputs and {} outputs, expected {} and {}",
                                   network.inputs(), network.outputs(), environment.observations(),
                                   environment.actions()));
}

}  // namespace

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
