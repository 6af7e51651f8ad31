// The physics of a pole on a cart against Lagrange's equations and the energy, and who can balance it.
#include "tasks/environments/cart_pole.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "tasks/environments/episode_testing.h"

namespace carousel {
namespace {

constexpr double kM = CartPole::kCart, kPole = CartPole::kMass, kL = CartPole::kHalfLength,
                 kG = CartPole::kGravity, kTau = CartPole::kStep;

/// States of an episode with these forces.
std::vector<CartPole::State> states(CartPole& world, std::uint64_t seed, const std::vector<float>& forces) {
  std::vector<float> seen(world.observations());
  world.reset(seed, seen);
  std::vector<CartPole::State> list = {world.state()};
  for (const float force : forces) {
    const bool over = world.step({&force, 1}, seen).over;
    list.push_back(world.state());
    if (over) break;
  }
  return list;
}

std::vector<float> waves() {
  std::vector<float> forces;
  for (int i = 0; i < 60; ++i) forces.push_back(static_cast<float>(0.8 * std::sin(0.7 * i)));
  return forces;
}

/// Of the cart and of a uniform rod that turns about its middle.
double energy(const CartPole::State& s) {
  const double vx = s[1] + kL * s[3] * std::cos(s[2]), vy = -kL * s[3] * std::sin(s[2]);
  return 0.5 * kM * s[1] * s[1] + 0.5 * kPole * (vx * vx + vy * vy) +
         0.5 * kPole * (2 * kL) * (2 * kL) / 12 * s[3] * s[3] + kPole * kG * kL * std::cos(s[2]);
}

// (M + m) x'' + m l theta'' cos - m l theta'^2 sin = F; 4/3 m l^2 theta'' + m l x'' cos = m g l sin
TEST(CartPole, MovesAsLagrangesEquationsSay) {
  CartPole world({.acts = ActionKind::continuous});
  const auto forces = waves();
  const auto list = states(world, 3, forces);
  ASSERT_GT(list.size(), 20u);
  for (std::size_t t = 0; t + 1 < list.size(); ++t) {
    const CartPole::State &s = list[t], &next = list[t + 1];
    EXPECT_NEAR(next[0], s[0] + kTau * s[1], 1e-15);
    EXPECT_NEAR(next[2], s[2] + kTau * s[3], 1e-15);
    const double push = (next[1] - s[1]) / kTau, turning = (next[3] - s[3]) / kTau;
    const double up = std::cos(s[2]), aside = std::sin(s[2]);
    EXPECT_NEAR((kM + kPole) * push + kPole * kL * (turning * up - s[3] * s[3] * aside), 10.0 * forces[t],
                1e-11);
    EXPECT_NEAR(4.0 / 3 * kPole * kL * kL * turning + kPole * kL * push * up, kPole * kG * kL * aside, 1e-11);
  }
}

// A force does work by its speed, and nothing else changes the energy: its derivative along the motion.
TEST(CartPole, TheEnergyChangesByTheWorkOfTheForce) {
  CartPole world({.acts = ActionKind::continuous});
  const auto forces = waves();
  const auto list = states(world, 5, forces);
  for (std::size_t t = 0; t + 1 < list.size(); ++t) {
    double power = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      CartPole::State more = list[t], less = list[t];
      more[i] += 1e-5;
      less[i] -= 1e-5;
      power += (energy(more) - energy(less)) / 2e-5 * (list[t + 1][i] - list[t][i]) / kTau;
    }
    EXPECT_NEAR(power, 10.0 * forces[t] * list[t][1], 1e-7);
  }
}

TEST(CartPole, PushesAreTheLargestForces) {
  CartPole pushed({.velocities = true}), forced({.velocities = true, .acts = ActionKind::continuous});
  EXPECT_EQ(pushed.actions(), 2u);
  EXPECT_EQ(forced.actions(), 1u);
  const auto a = states(pushed, 1, {0, 1, 1, 0, 1}), b = states(forced, 1, {-1, 1, 9, -3, 1});
  EXPECT_EQ(a, b);
}

TEST(CartPole, ShowsPlacesAndVelocitiesWhereAskedFor) {
  CartPole all({.velocities = true}), places;
  std::vector<float> four(4), two(2);
  all.reset(7, four);
  places.reset(7, two);
  EXPECT_EQ(two, (std::vector<float>{four[0], four[2]}));
  EXPECT_FLOAT_EQ(four[0], static_cast<float>(all.state()[0] / 2.4));
  EXPECT_FLOAT_EQ(four[3], static_cast<float>(all.state()[3] / 2));
}

TEST(CartPole, BeginsUniformlyByTheSeed) {
  CartPole world;
  std::vector<float> seen(2);
  std::array<double, 4> sums{}, squares{};
  constexpr int kSeeds = 4000;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    world.reset(seed, seen);
    for (std::size_t i = 0; i < 4; ++i) {
      ASSERT_LE(std::abs(world.state()[i]), 0.05);
      sums[i] += world.state()[i];
      squares[i] += world.state()[i] * world.state()[i];
    }
  }
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(sums[i] / kSeeds, 0, 0.002);
    EXPECT_NEAR(squares[i] / kSeeds, 0.05 * 0.05 / 3, 0.00005);
  }
}

// With angle and velocities in view a line decides; who pushes one way only falls within ten steps.
TEST(CartPole, ALinearRuleBalancesAndOnePushDoesNot) {
  CartPole world({.velocities = true});
  const Policy balance = [](const std::vector<std::vector<float>>& frames) {
    const auto& s = frames.back();
    return 0.1f * s[0] + 0.2f * s[1] + s[2] + 2 * s[3] > 0 ? 1.0f : 0.0f;
  };
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Episode good = play(world, seed, balance), bad = play(world, seed, acts({1}));
    EXPECT_EQ(good.sum(), world.best_return());
    EXPECT_TRUE(good.steps.back().success);
    EXPECT_LE(bad.steps.size(), 12u);
    EXPECT_EQ(bad.sum(), static_cast<double>(bad.steps.size() - 1));
    EXPECT_FALSE(bad.steps.back().success);
  }
}

TEST(CartPole, IsDrawnWithItsPoleOnTheCart) {
  CartPole world;
  play(world, 0, acts({1}));
  const auto shapes = world.shapes();
  ASSERT_EQ(shapes.size(), 2u);
  const DrawnShape &cart = shapes[0], &pole = shapes[1];
  EXPECT_NEAR((cart.x + cart.to_x) / 2, world.state()[0], 1e-12);
  EXPECT_NEAR(pole.x, world.state()[0], 1e-12);
  EXPECT_NEAR(std::atan2(pole.to_x - pole.x, pole.to_y - pole.y), world.state()[2], 1e-12);
  EXPECT_NEAR(std::hypot(pole.to_x - pole.x, pole.to_y - pole.y), 1, 1e-12);
}

}  // namespace
}  // namespace carousel
