#include "tasks/environments/double_pole.h"

#include <algorithm>
#include <cmath>

#include "tasks/environments/cart_picture.h"

namespace carousel {

namespace {

constexpr double kHinge = 2e-6, kForce = 10, kStep = 0.01;
constexpr double kTrack = 2.4, kFall = 0.628329;  // metres; radians, 36 degrees
constexpr int kStepsAnAct = 2;

DoublePole::State derivative(const DoublePole::State& s, double force) {
  double cosines[2], pulls[2], drags[2], mass = DoublePole::kCart, total = force;
  for (std::size_t i = 0; i < 2; ++i) {
    const double m = DoublePole::kMasses[i], l = DoublePole::kHalfLengths[i], angle = s[2 + 2 * i],
                 turning = s[3 + 2 * i], down = sine(angle);
    cosines[i] = cosine(angle);
    pulls[i] = -DoublePole::kGravity * down;
    drags[i] = kHinge * turning / (m * l);
    total += m * l * turning * turning * down + 0.75 * m * cosines[i] * (drags[i] + pulls[i]);
    mass += m * (1 - 0.75 * cosines[i] * cosines[i]);
  }
  const double pushed = total / mass;
  const auto turned = [&](std::size_t i) {
    return -0.75 / DoublePole::kHalfLengths[i] * (pushed * cosines[i] + pulls[i] + drags[i]);
  };
  return {s[1], pushed, s[3], turned(0), s[5], turned(1)};
}

DoublePole::State moved(const DoublePole::State& s, const DoublePole::State& by, double scale) {
  DoublePole::State out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = s[i] + scale * by[i];
  return out;
}

/// One step of Runge and Kutta's method of order 4.
DoublePole::State after(const DoublePole::State& s, double force, double time) {
  const DoublePole::State a = derivative(s, force), b = derivative(moved(s, a, time / 2), force),
                          c = derivative(moved(s, b, time / 2), force),
                          d = derivative(moved(s, c, time), force);
  DoublePole::State out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = s[i] + time / 6 * (a[i] + 2 * b[i] + 2 * c[i] + d[i]);
  return out;
}

bool fallen(const DoublePole::State& s) {
  return std::abs(s[0]) > kTrack || std::abs(s[2]) > kFall || std::abs(s[4]) > kFall;
}

}  // namespace

void DoublePole::reset(std::uint64_t, std::span<float> observation) {
  state_ = {0, 0, options_.first_angle, 0, 0, 0};
  steps_ = 0;
  see(observation);
}

Environment::Step DoublePole::step(std::span<const float> action, std::span<float> observation) {
  const double force = kForce * std::clamp(static_cast<double>(action[0]), -1.0, 1.0);
  for (int i = 0; i < kStepsAnAct && !fallen(state_); ++i) state_ = after(state_, force, kStep);
  ++steps_;
  see(observation);
  const bool down = fallen(state_), last = steps_ == options_.longest;
  return {down ? 0.0 : 1.0, down || last, last && !down};
}

void DoublePole::see(std::span<float> observation) const {
  constexpr std::array<double, 6> kScales = {4.8, 2, 0.52, 2, 0.52, 2};
  for (std::size_t i = 0, out = 0; i < state_.size(); i += options_.velocities ? 1 : 2)
    observation[out++] = static_cast<float>(state_[i] / kScales[i]);
}

Stage DoublePole::stage() const { return cart_stage(kTrack); }

std::vector<DrawnShape> DoublePole::shapes() const {
  return {cart(state_[0]), pole(state_[0], state_[2], 2 * kHalfLengths[0]),
          pole(state_[0], state_[4], 2 * kHalfLengths[1])};
}

}  // namespace carousel
