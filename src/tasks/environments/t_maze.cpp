#include "tasks/environments/t_maze.h"

#include <algorithm>

#include "base/random.h"
#include "tasks/environments/choice.h"

namespace carousel {

namespace {

enum Stream : std::uint64_t { kGoalStream, kNoiseStream };

void show(std::span<float> observation, float a, float b, float c) {
  observation[0] = a;
  observation[1] = b;
  observation[2] = c;
}

}  // namespace

void TMaze::reset(std::uint64_t seed, std::span<float> observation) {
  seed_ = seed;
  goal_ = Random(seed, kGoalStream).below(0, 2) == 0 ? north : south;
  place_ = steps_ = 0;
  arm_ = 0;
  see(observation);
}

Environment::Step TMaze::step(std::span<const float> action, std::span<float> observation) {
  const auto way = static_cast<Act>(choice("t_maze", action, actions()));
  ++steps_;
  Step done;
  if (place_ == options_.length && (way == north || way == south))
    done = turn(way);
  else
    done = {walk(way) ? 0.0 : kStill, steps_ == options_.longest};
  see(observation);
  return done;
}

Environment::Step TMaze::turn(Act way) {
  arm_ = way == north ? 1 : -1;
  return {way == goal_ ? kRight : kWrong, true, way == goal_};
}

bool TMaze::walk(Act way) {
  if (way == east && place_ < options_.length)
    ++place_;
  else if (way == west && place_ > 0)
    --place_;
  else
    return false;
  return true;
}

void TMaze::see(std::span<float> observation) const {
  if (arm_ != 0) return show(observation, 0, 0, 0);
  if (place_ == options_.length) return show(observation, 0, 1, 0);
  if (place_ == 0) return goal_ == north ? show(observation, 0, 1, 1) : show(observation, 1, 1, 0);
  if (!options_.noise) return show(observation, 1, 0, 1);
  const auto words = Random(seed_, kNoiseStream).block(steps_);
  show(observation, static_cast<float>(words[0] >> 8) * 0x1p-24f, 0,
       static_cast<float>(words[1] >> 8) * 0x1p-24f);
}

Stage TMaze::stage() const {
  const auto end = static_cast<double>(options_.length);
  const double sign = goal_ == north ? 0.9 : 0.1;
  const auto wall = [](double x, double y, double to_x, double to_y) {
    return DrawnShape::line(Tone::ground, x, y, to_x, to_y);
  };
  return {.left = -0.5,
          .bottom = -1.5,
          .right = end + 1.5,
          .top = 2.5,
          .shapes = {goal_ == north ? DrawnShape::box(Tone::target, end, 1, end + 1, 2)
                                    : DrawnShape::box(Tone::target, end, -1, end + 1, 0),
                     DrawnShape::line(Tone::target, 0.5, 0.5, 0.5, sign), wall(0, 0, 0, 1),
                     wall(0, 0, end, 0), wall(0, 1, end, 1), wall(end, 0, end, -1), wall(end, 1, end, 2),
                     wall(end, -1, end + 1, -1), wall(end, 2, end + 1, 2), wall(end + 1, -1, end + 1, 2)}};
}

std::vector<DrawnShape> TMaze::shapes() const {
  return {DrawnShape::disc(Tone::agent, static_cast<double>(place_) + 0.5, 0.5 + arm_, 0.35)};
}

}  // namespace carousel
