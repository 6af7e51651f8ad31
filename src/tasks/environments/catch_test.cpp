// Balls caught and missed by hand, and how often blinking lets a player with a memory catch them.
#include "tasks/environments/catch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tasks/environments/episode_testing.h"

namespace carousel {
namespace {

using Frame = std::vector<float>;
constexpr std::size_t kRows = 10, kColumns = 5;
constexpr float kLeft = 0, kStay = 1, kRight = 2;

std::vector<std::size_t> lit(const Frame& frame) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < frame.size(); ++i)
    if (frame[i] != 0) places.push_back(i);
  return places;
}

/// Goes where it first saw the ball, and stays while it has not; it knows where its paddle is.
float remember(const std::vector<Frame>& frames) {
  for (std::size_t t = 0; t < frames.size(); ++t) {
    const auto places = lit(frames[t]);
    if (places.empty()) continue;
    const int way = static_cast<int>(places[0] % kColumns) - static_cast<int>(kColumns / 2);
    const int gone = static_cast<int>(frames.size() - 1 - t);
    return gone >= std::abs(way) ? kStay : way < 0 ? kLeft : kRight;
  }
  return kStay;
}

TEST(Catch, TheBallFallsRowByRowAndThePaddleMovesToTheEdge) {
  Catch world;
  const Episode episode = play(world, 0, acts({kLeft, kLeft, kLeft, kRight, kStay}));
  ASSERT_EQ(episode.steps.size(), kRows - 1);
  const std::size_t ball = lit(episode.frames[0])[0];
  ASSERT_LT(ball, kColumns);
  const std::array<std::size_t, kRows> paddles = {2, 1, 0, 0, 1, 1, 1, 1, 1, 1};
  for (std::size_t t = 0; t + 1 < kRows; ++t)
    EXPECT_EQ(lit(episode.frames[t]),
              (std::vector<std::size_t>{t * kColumns + ball, (kRows - 1) * kColumns + paddles[t]}));
  for (std::size_t t = 0; t + 2 < kRows; ++t) EXPECT_EQ(episode.steps[t].reward, 0);
  EXPECT_EQ(episode.sum(), ball == 1 ? 1 : -1);
  EXPECT_EQ(episode.steps.back().success, ball == 1);
}

TEST(Catch, EveryBallCanBeCaughtAndOneInFiveCatchesItself) {
  Catch world;
  int caught = 0;
  constexpr int kEpisodes = 5000;
  std::array<int, kColumns> balls{};
  for (std::uint64_t seed = 0; seed < kEpisodes; ++seed) {
    EXPECT_EQ(play(world, seed, remember).sum(), world.best_return());
    const Episode idle = play(world, seed, acts({kStay}));
    ++balls[lit(idle.frames[0])[0]];
    caught += idle.steps.back().success;
  }
  for (const int count : balls) EXPECT_NEAR(count, kEpisodes / 5.0, 4 * std::sqrt(kEpisodes * 0.16));
  EXPECT_EQ(caught, balls[2]);
}

// A ball d columns away is caught if one of the first 10 - d frames is seen; d is 0, 1, 2 for 1, 2, 2 of 5
// columns.
TEST(Catch, BlinkingLeavesAMemoryWhatItHasSeen) {
  constexpr double kBlink = 0.8;
  Catch world({.blink = kBlink});
  constexpr int kEpisodes = 20'000;
  int caught = 0, blank = 0;
  for (std::uint64_t seed = 0; seed < kEpisodes; ++seed) {
    const Episode episode = play(world, seed, remember);
    caught += episode.steps.back().success;
    for (const Frame& frame : episode.frames) blank += lit(frame).empty();
  }
  const double expected = 0.2 + 0.4 * (1 - std::pow(kBlink, 9)) + 0.4 * (1 - std::pow(kBlink, 8));
  EXPECT_NEAR(caught / double{kEpisodes}, expected, 4 * std::sqrt(expected * (1 - expected) / kEpisodes));
  EXPECT_NEAR(blank / double{kEpisodes * kRows}, kBlink, 4 * std::sqrt(0.16 / (kEpisodes * kRows)));
}

TEST(Catch, BlinksTheSameWhateverIsDone) {
  Catch world({.blink = 0.5});
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Episode left = play(world, seed, acts({kLeft})), right = play(world, seed, acts({kRight}));
    for (std::size_t t = 0; t < kRows; ++t)
      EXPECT_EQ(lit(left.frames[t]).empty(), lit(right.frames[t]).empty());
  }
}

TEST(Catch, OtherSizes) {
  Catch narrow({.rows = 2, .columns = 1});
  EXPECT_EQ(play(narrow, 0, acts({kLeft})).sum(), 1);
  Catch wide({.rows = 4, .columns = 7});
  EXPECT_EQ(wide.observations(), 28u);
  EXPECT_EQ(play(wide, 0, acts({kStay})).steps.size(), 3u);
}

// A frame that is not shown is drawn as such.
TEST(Catch, DrawsWhatIsNotSeen) {
  Catch world({.blink = 1});
  play(world, 0, acts({kStay}));
  for (const DrawnShape& shape : world.shapes()) EXPECT_EQ(shape.tone, Tone::unseen);
  Catch open;
  play(open, 0, remember);
  const auto shapes = open.shapes();
  EXPECT_NEAR((shapes[0].x + shapes[0].to_x) / 2, shapes[1].x, 1e-12);  // the ball above its paddle
}

}  // namespace
}  // namespace carousel
