// The physics of two poles on a cart against what has to be so: energy, mirror images, and what falls.
#include "tasks/environments/double_pole.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace carousel {
namespace {

/// Of the cart and of two uniform rods that turn about its middle.
double energy(const DoublePole::State& s) {
  double sum = 0.5 * DoublePole::kCart * s[1] * s[1];
  for (std::size_t i = 0; i < 2; ++i) {
    const double m = DoublePole::kMasses[i], l = DoublePole::kHalfLengths[i], angle = s[2 + 2 * i],
                 turning = s[3 + 2 * i];
    const double vx = s[1] + l * turning * std::cos(angle), vy = -l * turning * std::sin(angle);
    sum += 0.5 * m * (vx * vx + vy * vy) + 0.5 * m * (2 * l) * (2 * l) / 12 * turning * turning +
           m * DoublePole::kGravity * l * std::cos(angle);
  }
  return sum;
}

std::vector<DoublePole::State> episode(DoublePole& world, const std::vector<float>& forces) {
  std::vector<DoublePole::State> states;
  float seen[6];
  world.reset(0, seen);
  states.push_back(world.state());
  for (const float force : forces) {
    const bool over = world.step({&force, 1}, seen).over;
    states.push_back(world.state());
    if (over) break;
  }
  return states;
}

TEST(DoublePole, KeepsItsEnergyWhileNobodyPushes) {
  DoublePole world;
  const auto states = episode(world, std::vector<float>(1000, 0.0f));
  EXPECT_GT(states.size(), 10u);
  EXPECT_LT(states.size(), 200u);  // the poles fall
  EXPECT_GT(std::abs(states.back()[2]), 0.1);
  for (const auto& state : states)
    EXPECT_NEAR(energy(state), energy(states[0]), 2e-5);  // hinges rub a little
}

// The work of a force is its way.
TEST(DoublePole, APushDoesTheWorkOfItsWay) {
  DoublePole world;
  const auto states = episode(world, std::vector<float>(6, 0.5f));
  ASSERT_EQ(states.size(), 7u);
  EXPECT_NEAR(energy(states.back()) - energy(states.front()), 5 * states.back()[0], 1e-5);
}

TEST(DoublePole, IsTheSameInTheMirror) {
  DoublePole world, mirror({.first_angle = -0.0698});
  std::vector<float> forces, others;
  for (int i = 0; i < 40; ++i) {
    forces.push_back(static_cast<float>(std::sin(i)));
    others.push_back(-forces.back());
  }
  const auto a = episode(world, forces), b = episode(mirror, others);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t t = 0; t < a.size(); ++t)
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(a[t][i], -b[t][i]);
}

TEST(DoublePole, AnEpisodeEndsWithAFallOrAtItsLongest) {
  DoublePole world({.velocities = true, .longest = 5});
  ASSERT_EQ(world.observations(), 6u);
  float seen[6];
  world.reset(0, seen);
  EXPECT_FLOAT_EQ(seen[2], static_cast<float>(0.0698 / 0.52));
  const float still = 0;
  for (int t = 1; t < 5; ++t) {
    const auto step = world.step({&still, 1}, seen);
    EXPECT_EQ(step.reward, 1);
    EXPECT_FALSE(step.over);
  }
  const auto last = world.step({&still, 1}, seen);
  EXPECT_TRUE(last.over);
  EXPECT_TRUE(last.success);
  EXPECT_EQ(world.best_return(), 5);
  // Beyond the longest force there is none.
  DoublePole pushed, more;
  const auto at_most = episode(pushed, std::vector<float>(100, 1.0f)),
             beyond = episode(more, std::vector<float>(100, 7.0f));
  EXPECT_EQ(at_most, beyond);
  EXPECT_LT(at_most.size(), 101u);
  const float push = 1;
  pushed.reset(0, seen);
  Environment::Step step;
  do step = pushed.step({&push, 1}, seen);
  while (!step.over);
  EXPECT_EQ(step.reward, 0);
  EXPECT_FALSE(step.success);
}

}  // namespace
}  // namespace carousel
