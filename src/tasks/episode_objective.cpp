#include "tasks/episode_objective.h"

namespace carousel {

EpisodeObjective::EpisodeObjective(const std::string& spec, const MakeEnvironment& make, std::size_t episodes)
    : environment_(make()),
      network_(spec, environment_->observations()),
      actor_(network_, *environment_),
      episodes_(episodes) {}

double EpisodeObjective::loss(std::span<const float> weights, std::uint64_t round) {
  network_.set_weights(weights);
  double sum = 0;
  for (std::size_t e = 0; e < episodes_; ++e)
    sum += play_episode(*environment_, round * episodes_ + e, actor_).sum;
  return -sum / static_cast<double>(episodes_);
}

}  // namespace carousel
