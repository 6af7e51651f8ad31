// Worlds whose every number can be told in advance.
#pragma once

#include <carousel/environment.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/random.h"

namespace carousel {

/// Shows which of two sides it is for one step, +1 or -1, then nothing; the last act of an episode should be
/// that side: 0 for -1, 1 for +1, which brings 1. Episodes have `least` to `most` steps.
class Recall final : public Environment {
 public:
  Recall(std::size_t least, std::size_t most) : least_(least), most_(most) {}
  std::size_t observations() const noexcept override { return 2; }
  ActionKind action_kind() const noexcept override { return ActionKind::discrete; }
  std::size_t actions() const noexcept override { return 2; }
  void reset(std::uint64_t seed, std::span<float> observation) override {
    left_ = least_ + Random(seed, 0).below(0, most_ - least_ + 1);
    side_ = Random(seed, 1).below(0, 2) == 0 ? -1.0f : 1.0f;
    see(side_, observation);
  }
  Step step(std::span<const float> action, std::span<float> observation) override {
    --left_;
    see(0, observation);
    const bool right = action[0] == (side_ > 0 ? 1 : 0);
    return {left_ == 0 && right ? 1.0 : 0.0, left_ == 0, left_ == 0 && right};
  }

 private:
  void see(float side, std::span<float> observation) const {
    observation[0] = side;
    observation[1] = left_ == 1 ? 1.0f : 0.0f;
  }
  std::size_t least_, most_, left_ = 0;
  float side_ = 1;
};

/// Shows a number; the act of two numbers should be that and its opposite, by least squares, three times.
class Aim final : public Environment {
 public:
  std::size_t observations() const noexcept override { return 1; }
  ActionKind action_kind() const noexcept override { return ActionKind::continuous; }
  std::size_t actions() const noexcept override { return 2; }
  void reset(std::uint64_t seed, std::span<float> observation) override {
    target_ = static_cast<float>(Random(seed, 0).uniform(0, -0.8, 0.8));
    steps_ = 0;
    observation[0] = target_;
  }
  Step step(std::span<const float> action, std::span<float> observation) override {
    const float a = std::clamp(action[0], -1.0f, 1.0f) - target_,
                b = std::clamp(action[1], -1.0f, 1.0f) + target_;
    observation[0] = target_;
    return {-static_cast<double>(a * a + b * b), ++steps_ == 3};
  }

 private:
  float target_ = 0;
  int steps_ = 0;
};

}  // namespace carousel
