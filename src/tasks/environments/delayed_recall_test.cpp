// Who remembers the cue gets all; who looks at anything else gets what chance gives.
#include "tasks/environments/delayed_recall.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tasks/environments/episode_testing.h"

namespace carousel {
namespace {

using Frame = std::vector<float>;

float named(const Frame& frame) {
  return static_cast<float>(std::find(frame.begin(), frame.end() - 2, 1.0f) - frame.begin());
}
float remember(const std::vector<Frame>& frames) { return named(frames[0]); }
/// The last distractor.
float latest(const std::vector<Frame>& frames) {
  return named(frames[frames.size() - 2 + (frames.size() == 1)]);
}

TEST(DelayedRecall, ShowsTheCueThenTheDelayThenThePull) {
  DelayedRecall world({.delay = 3, .arms = 4});
  ASSERT_EQ(world.observations(), 6u);
  const Episode episode = play(world, 0, remember);
  ASSERT_EQ(episode.steps.size(), 5u);
  for (std::size_t t = 0; t < 5; ++t) {
    const Frame& frame = episode.frames[t];
    EXPECT_EQ(std::count(frame.begin(), frame.end() - 2, 1.0f), t < 4 ? 1 : 0) << t;
    EXPECT_EQ(frame[4], t == 0 ? 1 : 0) << t;
    EXPECT_EQ(frame[5], t == 4 ? 1 : 0) << t;
    EXPECT_EQ(episode.steps[t].reward, t == 4 ? 1 : 0) << t;
  }
  EXPECT_EQ(episode.frames[5], Frame(6));
}

TEST(DelayedRecall, MemoryGetsAllAndTheLatestNameWhatChanceGives) {
  for (const std::size_t arms : {2u, 5u}) {
    DelayedRecall world({.delay = 2, .arms = arms});
    constexpr int kEpisodes = 5000;
    const double chance = 1.0 / static_cast<double>(arms);
    const double deviations = 4 * std::sqrt(kEpisodes * chance * (1 - chance));
    int right = 0, first = 0;
    for (std::uint64_t seed = 0; seed < kEpisodes; ++seed) {
      EXPECT_EQ(play(world, seed, remember).sum(), world.best_return());
      right += play(world, seed, latest).steps.back().success;
      first += play(world, seed, acts({0})).steps.back().success;
    }
    EXPECT_NEAR(right, kEpisodes * chance, deviations);
    EXPECT_NEAR(first, kEpisodes * chance, deviations);
  }
}

TEST(DelayedRecall, AWrongPullIsWorthNothingAndNoDelayIsAllowed) {
  DelayedRecall world({.delay = 0, .arms = 2});
  const Episode episode =
      play(world, 3, [](const std::vector<Frame>& frames) { return 1 - named(frames[0]); });
  EXPECT_EQ(episode.steps.size(), 2u);
  EXPECT_EQ(episode.sum(), 0);
  EXPECT_FALSE(episode.steps.back().success);
}

TEST(DelayedRecall, DrawsTheCueAboveTheArmThatPays) {
  DelayedRecall world({.delay = 5, .arms = 4});
  Frame seen(6);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    world.reset(seed, seen);
    const DrawnShape cue = world.shapes().at(0), arm = world.stage().shapes.back();
    EXPECT_EQ(cue.tone, Tone::target);
    EXPECT_NEAR(cue.x, (arm.x + arm.to_x) / 2, 1e-12);
  }
}

}  // namespace
}  // namespace carousel
