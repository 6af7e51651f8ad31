// How well a network acts, as something to be made small by direct search.
#pragma once

#include <memory>
#include <string>

#include "carousel/environment.h"
#include "model/network.h"
#include "training/actor.h"
#include "training/evolution/objective.h"

namespace carousel {

/// Minus the mean return over so many episodes, NaN where the network puts out no numbers; those of round r
/// have the seeds r episodes ... r episodes + episodes - 1.
class EpisodeObjective final : public Objective<float> {
 public:
  /// Throws as Actor.
  EpisodeObjective(const std::string& spec, const MakeEnvironment& make, std::size_t episodes);

  double loss(std::span<const float> weights, std::uint64_t round) override;
  const Network<float>& network() const noexcept { return network_; }

 private:
  std::unique_ptr<Environment> environment_;
  Network<float> network_;
  Actor<float> actor_;
  std::size_t episodes_;
};

}  // namespace carousel
