#include "tasks/environments/catch.h"

#include <algorithm>

#include "base/random.h"
#include "tasks/environments/choice.h"

namespace carousel {

namespace {

enum Stream : std::uint64_t { kBallStream, kBlinkStream };

}  // namespace

void Catch::reset(std::uint64_t seed, std::span<float> observation) {
  seed_ = seed;
  ball_ = Random(seed, kBallStream).below(0, options_.columns);
  paddle_ = options_.columns / 2;
  row_ = 0;
  see(observation);
}

Environment::Step Catch::step(std::span<const float> action, std::span<float> observation) {
  const std::size_t act = choice("catch", action, actions());
  if (act == 0 && paddle_ > 0) --paddle_;
  if (act == 2 && paddle_ + 1 < options_.columns) ++paddle_;
  ++row_;
  see(observation);
  if (row_ + 1 < options_.rows) return {};
  const bool caught = ball_ == paddle_;
  return {caught ? 1.0 : -1.0, true, caught};
}

void Catch::see(std::span<float> observation) {
  std::ranges::fill(observation, 0.0f);
  blank_ = options_.blink > 0 && Random(seed_, kBlinkStream).uniform(row_) < options_.blink;
  if (blank_) return;
  observation[row_ * options_.columns + ball_] = 1;
  observation[(options_.rows - 1) * options_.columns + paddle_] = 1;
}

Stage Catch::stage() const {
  const auto right = static_cast<double>(options_.columns), top = static_cast<double>(options_.rows);
  return {.left = -0.5,
          .bottom = -0.5,
          .right = right + 0.5,
          .top = top + 0.5,
          .shapes = {DrawnShape::line(Tone::ground, 0, 0, right, 0),
                     DrawnShape::line(Tone::ground, 0, top, right, top),
                     DrawnShape::line(Tone::ground, 0, 0, 0, top),
                     DrawnShape::line(Tone::ground, right, 0, right, top)}};
}

std::vector<DrawnShape> Catch::shapes() const {
  const auto ball = static_cast<double>(ball_), paddle = static_cast<double>(paddle_),
             height = static_cast<double>(options_.rows - 1 - row_);
  return {DrawnShape::box(blank_ ? Tone::unseen : Tone::agent, paddle, 0, paddle + 1, 0.3),
          DrawnShape::disc(blank_ ? Tone::unseen : Tone::thing, ball + 0.5, height + 0.5, 0.35)};
}

}  // namespace carousel
