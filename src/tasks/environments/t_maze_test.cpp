// Walks through the maze whose frames and rewards are known step by step.
#include "tasks/environments/t_maze.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tasks/environments/episode_testing.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Frame = std::vector<float>;

const Frame kNorth = {0, 1, 1}, kSouth = {1, 1, 0}, kCorridor = {1, 0, 1}, kCrossing = {0, 1, 0};

/// East until the crossing, then as the sign said.
float remember(const std::vector<Frame>& frames) {
  if (frames.back() != kCrossing) return TMaze::east;
  return frames.front() == kNorth ? TMaze::north : TMaze::south;
}

/// The first seed whose goal is where this sign says.
std::uint64_t seed_of(const Frame& sign) {
  for (std::uint64_t seed = 0;; ++seed) {
    TMaze maze;
    Frame seen(3);
    maze.reset(seed, seen);
    if (seen == sign) return seed;
  }
}

TEST(TMaze, WhoRemembersTheSignTurnsRightInEveryEpisode) {
  TMaze maze({.length = 7});
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Episode episode = play(maze, seed, remember);
    EXPECT_EQ(episode.steps.size(), 8u);  // 7 to the crossing, and the turn
    EXPECT_EQ(episode.sum(), maze.best_return());
    EXPECT_TRUE(episode.steps.back().success);
  }
}

TEST(TMaze, TheSignIsAtTheBeginningAndNowhereElse) {
  for (const Frame& sign : {kNorth, kSouth}) {
    TMaze maze({.length = 3});
    const Episode episode = play(maze, seed_of(sign), remember);
    EXPECT_EQ(episode.frames, (std::vector<Frame>{sign, kCorridor, kCorridor, kCrossing, {0, 0, 0}}));
  }
}

TEST(TMaze, WallsAndAWrongTurnCostATenth) {
  TMaze maze({.length = 2, .longest = 100});
  const Episode episode = play(maze, seed_of(kNorth), acts({3, 0, 2, 1, 0, 2, 3, 1, 1, 1, 3, 1, 2}));
  const std::vector<double> expected = {-0.1, -0.1, -0.1, 0, -0.1, -0.1, 0, 0, 0, -0.1, 0, 0, -0.1};
  ASSERT_EQ(episode.steps.size(), expected.size());
  for (std::size_t t = 0; t < expected.size(); ++t) EXPECT_EQ(episode.steps[t].reward, expected[t]) << t;
  EXPECT_EQ(episode.frames[7], kNorth);  // back at the beginning
  EXPECT_FALSE(episode.steps.back().success);
}

TEST(TMaze, AnEpisodeIsNoLongerThanItsLongest) {
  TMaze maze({.length = 2, .longest = 9});
  const Episode episode = play(maze, 0, acts({TMaze::west}));
  EXPECT_EQ(episode.steps.size(), 9u);
  EXPECT_NEAR(episode.sum(), -0.9, 1e-12);
  EXPECT_FALSE(episode.steps.back().success);
}

// Without memory half of the turns are wrong: the goal is north in half of all episodes, in any order.
TEST(TMaze, GoalsAreFairAndIndependent) {
  TMaze maze({.length = 1});
  Frame seen(3);
  int norths = 0, changes = 0;
  bool before = false;
  constexpr int kEpisodes = 10'000;
  for (std::uint64_t seed = 0; seed < kEpisodes; ++seed) {
    maze.reset(seed, seen);
    const bool north = seen == kNorth;
    norths += north;
    changes += north != before;
    before = north;
  }
  EXPECT_NEAR(norths, kEpisodes / 2.0, 4 * 50);  // four standard deviations
  EXPECT_NEAR(changes, kEpisodes / 2.0, 4 * 50);
}

TEST(TMaze, NoiseIsUniformInTheCorridorAloneAndAFunctionOfSeedAndStep) {
  TMaze maze({.length = 5000, .longest = 6000, .noise = true});
  const Episode episode = play(maze, 1, remember);
  EXPECT_TRUE(episode.steps.back().success);
  double sum = 0, squares = 0, products = 0;
  for (std::size_t t = 1; t < 5000; ++t) {
    const Frame& frame = episode.frames[t];
    ASSERT_EQ(frame[1], 0);
    for (const float value : {frame[0], frame[2]}) {
      ASSERT_TRUE(value >= 0 && value < 1);
      sum += value;
      squares += value * value;
    }
    products += frame[0] * frame[2];
  }
  EXPECT_NEAR(sum / 9998, 1.0 / 2, 0.012);
  EXPECT_NEAR(squares / 9998, 1.0 / 3, 0.012);
  EXPECT_NEAR(products / 4999, 1.0 / 4, 0.013);
  EXPECT_EQ(play(maze, 1, remember).frames, episode.frames);
  EXPECT_NE(play(maze, 2, remember).frames[1], episode.frames[1]);
}

TEST(TMaze, AnActThatIsNoneIsRefused) {
  TMaze maze;
  Frame seen(3);
  maze.reset(0, seen);
  for (const float act : {4.0f, -1.0f, 0.5f, std::numeric_limits<float>::quiet_NaN()})
    EXPECT_THAT(
        [&] {
          maze.step({&act, 1}, seen);
        },
        ThrowsMessage<Error>(HasSubstr("[t_maze.step] expected an act from 0 to 3, got ")));
}

// The picture: the agent ends inside the arm that the target fills.
TEST(TMaze, ARightTurnIsSeenToEndInTheTarget) {
  TMaze maze({.length = 4});
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    play(maze, seed, remember);
    const DrawnShape agent = maze.shapes().at(0), goal = maze.stage().shapes.at(0);
    EXPECT_EQ(goal.tone, Tone::target);
    EXPECT_TRUE(agent.x > goal.x && agent.x < goal.to_x && agent.y > goal.y && agent.y < goal.to_y);
  }
}

}  // namespace
}  // namespace carousel
