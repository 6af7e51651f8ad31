// Worlds by their names: what is written is what is made, and what means nothing is refused with what would.
#include "tasks/environments/environments.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tasks/environments/episode_testing.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

struct Sizes {
  std::string text;
  std::size_t observations, actions;
  ActionKind kind;
  double best;
};

TEST(Environments, AreMadeAsWritten) {
  const auto discrete = ActionKind::discrete, continuous = ActionKind::continuous;
  for (const Sizes& s :
       std::vector<Sizes>{{"t_maze", 3, 4, discrete, 4},
                          {"  t_maze 100 noise=on\n", 3, 4, discrete, 4},
                          {"cart_pole", 2, 2, discrete, 500},
                          {"cart_pole velocities longest=200", 4, 2, discrete, 200},
                          {"cart_pole places continuous", 2, 1, continuous, 500},
                          {"cart_pole acts=continuous sees=velocities", 4, 1, continuous, 500},
                          {"catch", 50, 3, discrete, 1},
                          {"catch 6 7 blink=0.3", 42, 3, discrete, 1},
                          {"delayed_recall 0 arms=4", 6, 4, discrete, 1},
                          {"double_pole", 3, 1, continuous, 1000},
                          {"double_pole velocities longest=9", 6, 1, continuous, 9}}) {
    const auto world = make_environment(s.text);
    EXPECT_EQ(world->observations(), s.observations) << s.text;
    EXPECT_EQ(world->actions(), s.actions) << s.text;
    EXPECT_EQ(world->action_kind(), s.kind) << s.text;
    EXPECT_EQ(world->best_return(), s.best) << s.text;
  }
}

TEST(Environments, ALengthIsOfTheCorridorAndTheLongestFollowsIt) {
  const auto east = [](const std::string& text) {
    const auto world = make_environment(text);
    return play(*world, 0, acts({1})).steps.size();
  };
  EXPECT_EQ(east("t_maze 5"), 120u);
  EXPECT_EQ(east("t_maze 5 longest=6"), 6u);
  EXPECT_EQ(east("delayed_recall 7"), 9u);
}

void expect_refused(const std::string& text, const std::string& message) {
  EXPECT_THAT([&] { make_environment(text); }, ThrowsMessage<SettingError>(HasSubstr(message))) << text;
}

TEST(Environments, WhatMeansNothingIsRefused) {
  expect_refused("t_mase 5",
                 "unknown environment \"t_mase\"; did you mean 't_maze'? there are: cart_pole, catch");
  expect_refused("", "unknown environment \"\"; there are: cart_pole");
  expect_refused("(", "there are: cart_pole");
  expect_refused("t_maze, catch", "unknown environment \"t_maze,\"; did you mean 't_maze'?");
  expect_refused("t_maze , catch", "spec, column 10: t_maze: found a second environment, expected one");
  expect_refused("t_maze(catch)", "unknown environment");
  expect_refused("t_maze (catch)", "t_maze takes no layers in parentheses");
  expect_refused("t_maze 0", "length is \"0\", expected a whole number from 1 to 1000000");
  expect_refused("t_maze 50 longest=50", "longest is \"50\", expected a whole number from 51");
  expect_refused("t_maze 99999999999999999999", "length is");
  expect_refused("t_maze 5 nois=on", "unknown option \"nois\"; did you mean \"noise\"?");
  expect_refused("catch blink=1.5", "blink is \"1.5\", expected a number from 0 to 1");
  expect_refused("catch blink=nan", "blink is \"nan\"");
  expect_refused("catch 101", "rows is \"101\", expected a whole number from 2 to 100");
  expect_refused("catch 3 9", "columns: found 9, expected at most 5 with 3 rows");
  expect_refused("cart_pole velocity", "sees is \"velocity\", expected one of places, velocities");
  expect_refused("delayed_recall 5 arms=1", "arms is \"1\", expected a whole number from 2 to 100");
  expect_refused("double_pole velocities 7", "found \"7\", expected no further value here");
}

/// What a page shows of it is finite and lies in the picture.
void expect_drawn(const DrawnEnvironment& world) {
  const Stage stage = world.stage();
  ASSERT_LT(stage.left, stage.right);
  ASSERT_LT(stage.bottom, stage.top);
  auto shapes = world.shapes();
  shapes.insert(shapes.end(), stage.shapes.begin(), stage.shapes.end());
  for (const DrawnShape& shape : shapes)
    for (const double x : {shape.x, shape.to_x}) ASSERT_TRUE(x >= stage.left && x <= stage.right) << x;
  for (const DrawnShape& shape : shapes)
    for (const double y : {shape.y, shape.to_y}) ASSERT_TRUE(y >= stage.bottom && y <= stage.top) << y;
}

// Every example works, plays to its end under any acts, brings at most what it says, and is drawn all the
// way.
TEST(Environments, EveryExamplePlaysToItsEndTheSameWayTwice) {
  ASSERT_EQ(environment_kinds().size(), 5u);
  for (const EnvironmentKind& kind : environment_kinds()) {
    EXPECT_EQ(kind.example.substr(0, kind.name.size()), kind.name);
    const auto world = make_environment(std::string(kind.example)),
               other = make_environment(std::string(kind.example));
    const bool discrete = world->action_kind() == ActionKind::discrete;
    const Policy policy = [&](const std::vector<std::vector<float>>& frames) {
      expect_drawn(*world);
      const std::size_t t = frames.size() * 7 % 13;
      return discrete ? static_cast<float>(t % world->actions()) : static_cast<float>(t) / 6 - 1;
    };
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const Episode a = play(*world, seed, policy), b = play(*other, seed, policy);
      EXPECT_EQ(a.frames, b.frames);
      EXPECT_LE(a.sum(), world->best_return());
      expect_drawn(*world);
    }
  }
  EXPECT_TRUE(std::ranges::is_sorted(environment_kinds(), {}, &EnvironmentKind::name));
}

}  // namespace
}  // namespace carousel
