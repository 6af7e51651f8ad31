#include "tasks/environments/cart_pole.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "tasks/environments/cart_picture.h"
#include "tasks/environments/choice.h"

namespace carousel {

namespace {

constexpr double kTrack = 2.4, kFall = 0.20943951;  // metres; radians, 12 degrees
constexpr double kFirst = 0.05;

/// Each element is where Euler's step leads it.
CartPole::State after(const CartPole::State& s, double force) {
  constexpr double kAll = CartPole::kCart + CartPole::kMass, kArm = CartPole::kMass * CartPole::kHalfLength;
  const double up = cosine(s[2]), aside = sine(s[2]);
  const double push = (force + kArm * s[3] * s[3] * aside) / kAll;
  const double turning = (CartPole::kGravity * aside - up * push) /
                         (CartPole::kHalfLength * (4.0 / 3 - CartPole::kMass * up * up / kAll));
  const CartPole::State rate = {s[1], push - kArm * turning * up / kAll, s[3], turning};
  CartPole::State out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = s[i] + CartPole::kStep * rate[i];
  return out;
}

bool fallen(const CartPole::State& s) { return std::abs(s[0]) > kTrack || std::abs(s[2]) > kFall; }

}  // namespace

void CartPole::reset(std::uint64_t seed, std::span<float> observation) {
  const Random random(seed, 0);
  for (std::size_t i = 0; i < state_.size(); ++i) state_[i] = random.uniform(i, -kFirst, kFirst);
  steps_ = 0;
  see(observation);
}

Environment::Step CartPole::step(std::span<const float> action, std::span<float> observation) {
  const double push = options_.acts == ActionKind::continuous ? std::clamp<double>(action[0], -1, 1)
                      : choice("cart_pole", action, 2) == 0   ? -1
                                                              : 1;
  state_ = after(state_, kForce * push);
  ++steps_;
  see(observation);
  const bool down = fallen(state_), last = steps_ == options_.longest;
  return {down ? 0.0 : 1.0, down || last, last && !down};
}

void CartPole::see(std::span<float> observation) const {
  constexpr State kScales = {kTrack, 2, kFall, 2};
  for (std::size_t i = 0, out = 0; i < state_.size(); i += options_.velocities ? 1 : 2)
    observation[out++] = static_cast<float>(state_[i] / kScales[i]);
}

Stage CartPole::stage() const { return cart_stage(kTrack); }

std::vector<DrawnShape> CartPole::shapes() const {
  return {cart(state_[0]), pole(state_[0], state_[2], 2 * kHalfLength)};
}

}  // namespace carousel
