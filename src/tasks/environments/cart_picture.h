// What a cart with poles looks like.
#pragma once

#include "tasks/environments/drawn_environment.h"
#include "tasks/environments/pole_angle.h"

namespace carousel {

constexpr double kCartTop = 0.15;  // metres

/// A track of `half` metres to each side, and a post at each end of it.
inline Stage cart_stage(double half) {
  return {.left = -half - 0.6,
          .bottom = -0.2,
          .right = half + 0.6,
          .top = 1.4,
          .shapes = {DrawnShape::line(Tone::ground, -half, 0, half, 0),
                     DrawnShape::line(Tone::ground, -half, 0, -half, kCartTop),
                     DrawnShape::line(Tone::ground, half, 0, half, kCartTop)}};
}
inline DrawnShape cart(double x) { return DrawnShape::box(Tone::agent, x - 0.25, 0, x + 0.25, kCartTop); }
inline DrawnShape pole(double x, double angle, double length) {
  return DrawnShape::line(Tone::thing, x, kCartTop, x + length * sine(angle),
                          kCartTop + length * cosine(angle));
}

}  // namespace carousel
