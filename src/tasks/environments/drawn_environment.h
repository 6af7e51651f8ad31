// A world that a page can show: an episode is a picture that stays and, for each step, shapes that move.
#pragma once

#include <vector>

#include "carousel/environment.h"

namespace carousel {

/// What a shape stands for; a page has a colour for each.
enum class Tone {
  ground,  ///< walls, a track
  agent,   ///< what is moved by acts
  thing,   ///< what moves by itself
  target,  ///< where to go, what is to be remembered
  unseen,  ///< it is there, but the policy is shown nothing of it now
};

/// In the world's own units, y upwards.
struct DrawnShape {
  enum class Kind {
    line,  ///< from (x, y) to (to_x, to_y)
    box,   ///< between these two corners
    disc,  ///< about (x, y), to_x - x its radius
  };
  Kind kind = Kind::line;
  Tone tone = Tone::ground;
  double x = 0, y = 0, to_x = 0, to_y = 0;

  static DrawnShape line(Tone tone, double x, double y, double to_x, double to_y) {
    return {Kind::line, tone, x, y, to_x, to_y};
  }
  static DrawnShape box(Tone tone, double x, double y, double to_x, double to_y) {
    return {Kind::box, tone, x, y, to_x, to_y};
  }
  static DrawnShape disc(Tone tone, double x, double y, double radius) {
    return {Kind::disc, tone, x, y, x + radius, y};
  }
};

/// The part of the plane that is shown, and what stays as it is through an episode.
struct Stage {
  double left = 0, bottom = 0, right = 1, top = 1;
  std::vector<DrawnShape> shapes = {};
};

/// Each world of the registry (environments.h) is one.
class DrawnEnvironment : public Environment {
 public:
  /// The most that an episode can bring.
  virtual double best_return() const noexcept = 0;
  /// Of the episode that reset() has begun.
  virtual Stage stage() const = 0;
  /// What it looks like now, from back to front; to be asked after reset() and after each step.
  virtual std::vector<DrawnShape> shapes() const = 0;
};

}  // namespace carousel
