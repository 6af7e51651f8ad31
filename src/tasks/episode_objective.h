// How well a network acts, as something to be made small by direct search.
#pragma once

#include <memory>
#include <string>

#include "carousel/environment.h"
#include "model/network.h"
#include "training/evolution/objective.h"

namespace carousel {

/// What a network gets in an episode: the sum of its rewards. It reads what is seen, one step at a time from
/// the state that a sequence begins with, and what it puts out is done: its largest output of discrete acts
/// (of equals the first), else the outputs. Throws SettingError for a network whose inputs and outputs are
/// not those of the environment.
double episode_return(const Network<float>& network, Environment& environment, std::uint64_t seed);

/// Minus the mean return over so many episodes; those of round r have the seeds r episodes ... r episodes +
/// episodes - 1.
class EpisodeObjective final : public Objective<float> {
 public:
  /// Throws as episode_return, and SettingError for layers that look ahead.
  EpisodeObjective(const std::string& spec, const MakeEnvironment& make, std::size_t episodes);

  double loss(std::span<const float> weights, std::uint64_t round) override;
  const Network<float>& network() const noexcept { return network_; }

 private:
  std::unique_ptr<Environment> environment_;
  Network<float> network_;
  std::size_t episodes_;
};

}  // namespace carousel
