// Episodes played by hand.
#pragma once

#include <carousel/environment.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace carousel {

/// An episode as it went: frames[t] was seen before act t, and one more behind the last.
struct Episode {
  std::vector<std::vector<float>> frames;
  std::vector<Environment::Step> steps;

  double sum() const {
    double sum = 0;
    for (const auto& step : steps) sum += step.reward;
    return sum;
  }
};

/// Acts by what has been seen up to now, until the episode is over.
using Policy = std::function<float(const std::vector<std::vector<float>>&)>;

inline Episode play(Environment& world, std::uint64_t seed, const Policy& policy) {
  Episode episode;
  std::vector<float> seen(world.observations());
  world.reset(seed, seen);
  episode.frames.push_back(seen);
  do {
    const float act = policy(episode.frames);
    episode.steps.push_back(world.step({&act, 1}, seen));
    episode.frames.push_back(seen);
  } while (!episode.steps.back().over);
  return episode;
}

/// These acts, and the last of them on and on.
inline Policy acts(std::vector<float> list) {
  return [list = std::move(list)](const std::vector<std::vector<float>>& frames) {
    return list[std::min(frames.size(), list.size()) - 1];
  };
}

}  // namespace carousel
